//! Where providers and callers lead: next links, redirects, what a sign-in says, and parameters for the provider.

use http::Method;
use serde_json::{Value, json};

use super::Trap;
use crate::world::{Provider, World, acme, answer, connect, json_answer, person, users_path};

/// An account of the product that everybody runs for themselves.
async fn selfhosted(world: &World, address: &str) -> String {
    let new = json!({
        "integration": "selfhosted", "settings": {"address": address}, "credential": {"token": "sandbox-token"}, "validate": false,
    });
    connect(&world.client, &new).await
}

/// Places that a provider must not lead to.
fn elsewhere(trap: &Trap, own: &str) -> Vec<String> {
    let port = trap.port;
    let own_port = own.rsplit(':').next().unwrap();
    let mut places: Vec<String> = trap.hosts().iter().map(|host| format!("http://{host}/v1/users?next=1")).collect();
    places.extend([
        format!("https://127.0.0.1:{port}/v1/users"),
        format!("//127.0.0.1:{port}/v1/users"),
        format!("//localhost:{own_port}/v1/users"),
        format!("http://user:pass@127.0.0.1:{own_port}/v1/users"),
        format!("http://127.0.0.1:{own_port}@127.0.0.1:{port}/v1/users"),
        format!("ftp://127.0.0.1:{own_port}/v1/users"),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/_x".to_owned(),
        "data:application/json,{}".to_owned(),
        format!("\\\\127.0.0.1:{port}\\v1"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://8.8.8.8/v1/users".to_owned(),
        "http://[::1".to_owned(),
    ]);
    places
}

/// Nobody was called but the provider itself, and there only as often as expected; the caller is told, as of a fault of the provider or of
/// the link.
async fn assert_not_followed(
    world: &World,
    trap: &Trap,
    provider: &Provider,
    account: &str,
    resource: &str,
    place: &str,
) {
    provider.forget();
    let path = users_path(account, "limit=1000").replace("/users?", &format!("/{resource}?"));
    let answer = world.client.get(&path).await;
    assert!(matches!(answer.status, 400 | 502), "{place}: {} {}", answer.status, answer.text());
    answer.error(answer.status);
    assert_eq!(trap.seen().await, 0, "{place}");
    assert_eq!(provider.seen().len(), 1, "{place}");
}

#[tokio::test]
async fn a_next_link_leads_nowhere_else() {
    let (world, trap) = (World::new().await, Trap::set().await);
    let place = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let shown = std::sync::Arc::clone(&place);
    let provider = Provider::start(move |seen: crate::world::Seen| {
        let place = shown.lock().unwrap().clone();
        std::future::ready(match seen.path.as_str() {
            "/v1/groups" => {
                let link: String = place.chars().filter(char::is_ascii).collect();
                let headers = [("content-type", "application/json"), ("link", &*format!("<{link}>; rel=\"next\""))];
                answer(200, &headers, json!([{"id": 1}]).to_string())
            }
            _ => json_answer(200, &json!({"users": [person(1)], "next": place})),
        })
    })
    .await;
    let account = selfhosted(&world, &provider.url).await;
    for leads in elsewhere(&trap, &provider.url) {
        place.lock().unwrap().clone_from(&leads);
        assert_not_followed(&world, &trap, &provider, &account, "users", &leads).await;
        if leads.is_ascii() {
            assert_not_followed(&world, &trap, &provider, &account, "groups", &leads).await;
        }
    }
    // Its own pages it may lead to, absolute or not.
    for leads in [format!("{}/v1/users?page=2", provider.url), "/v1/users?page=2".to_owned(), "?page=2".to_owned()] {
        place.lock().unwrap().clone_from(&leads);
        provider.forget();
        // The same page twice: it was followed.
        world.client.users(&account, "").await.error(502);
        assert_eq!(provider.seen()[1].value("page"), Some("2"), "{leads}");
    }
}

/// With a base URL, whatever the provider names is taken for its own.
#[tokio::test]
async fn with_a_base_url_links_stay_with_it() {
    let (world, trap) = (World::new().await, Trap::set().await);
    let port = trap.port;
    let provider = Provider::start(move |seen: crate::world::Seen| {
        let next = seen.value("page").is_none().then(|| format!("http://127.0.0.1:{port}/v1/users?page=2"));
        let number = usize::from(next.is_none());
        std::future::ready(json_answer(200, &json!({"users": [person(number)], "next": next})))
    })
    .await;
    let mut new = json!({"integration": "selfhosted", "credential": {"token": "sandbox-token"}, "validate": false});
    new["base_url"] = provider.url.clone().into();
    new["settings"] = json!({"address": "https://directory.example.com"});
    let account = connect(&world.client, &new).await;
    assert_eq!(world.client.users(&account, "").await.ok()["result_count"], 2);
    assert_eq!(provider.seen().len(), 2);
    assert_eq!(trap.seen().await, 0);
}

#[tokio::test]
async fn a_redirect_leads_nowhere_else() {
    let (world, trap) = (World::new().await, Trap::set().await);
    let place = std::sync::Arc::new(std::sync::Mutex::new((String::new(), 302_u16)));
    let shown = std::sync::Arc::clone(&place);
    let provider = Provider::start(move |_| {
        let (place, status) = shown.lock().unwrap().clone();
        std::future::ready(answer(status, &[("location", &place)], ""))
    })
    .await;
    let account = selfhosted(&world, &provider.url).await;
    for leads in elsewhere(&trap, &provider.url).into_iter().filter(|place| place.is_ascii()) {
        for status in [301, 307] {
            *place.lock().unwrap() = (leads.clone(), status);
            assert_not_followed(&world, &trap, &provider, &account, "users", &leads).await;
        }
    }
    // To itself, again and again: not for ever.
    *place.lock().unwrap() = ("/v1/users".to_owned(), 302);
    provider.forget();
    world.client.users(&account, "").await.error(502);
    assert!(provider.seen().len() <= 5, "{}", provider.seen().len());
}

/// The body of a sign-in may name where the account lives: never a private place, and never one that nobody declared.
#[tokio::test]
async fn an_instance_url_leads_nowhere_else() {
    let (world, trap) = (World::new().await, Trap::set().await);
    for leads in elsewhere(&trap, "http://127.0.0.1:9") {
        let instance = leads.replace("/v1/users", "");
        let shown = instance.clone();
        let provider = Provider::start(move |_| {
            std::future::ready(json_answer(200, &json!({"access_token": "given-token", "instance": instance})))
        })
        .await;
        let new = json!({
            "integration": "selfhosted", "auth": "sso", "settings": {"address": provider.url},
            "credential": {"client_id": "a", "client_secret": "sandbox-secret"}, "validate": false,
        });
        let account = connect(&world.client, &new).await;
        let told = world.client.users(&account, "").await;
        assert!(matches!(told.status, 400 | 502), "{shown}: {}", told.text());
        assert_eq!(trap.seen().await, 0, "{shown}");
        assert_eq!(provider.seen().len(), 1, "{shown}");
    }
}

/// What a caller passes on stays in the query, whatever is in it.
#[tokio::test]
async fn a_remote_query_stays_a_query() {
    let world = World::new().await;
    let provider = Provider::start(async |_| json_answer(200, &json!({"users": []}))).await;
    let account = connect(&world.client, &acme(&provider.url)).await;
    let odd = [
        ("a", "http://127.0.0.1:1/"),
        ("a", "x&limit=1&b=c"),
        ("a#b", "x"),
        ("a/../b", "../../admin"),
        ("@127.0.0.1", "x"),
        ("a", "x\r\nhost: evil.example"),
        ("a\r\nx-evil", "1"),
        ("a", "#"),
        ("?", "?"),
        ("a", "\u{0}"),
    ];
    for (name, value) in odd {
        provider.forget();
        let pair = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(&format!("remote_query[{name}]"), value)
            .finish();
        let answer = world.client.users(&account, &pair).await;
        if answer.status == 400 {
            assert_eq!(provider.seen().len(), 0);
            continue;
        }
        answer.ok();
        let seen = &provider.seen()[0];
        assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", "/v1/users"), "{name}={value}");
        assert_eq!(seen.value(name), Some(value));
        assert_eq!(seen.value("limit"), Some("7"));
        assert!(
            seen.header("x-evil").is_none() && seen.header("host") == Some(provider.url.trim_start_matches("http://"))
        );
        assert_eq!(seen.header("authorization"), Some("Bearer sandbox-token"));
    }
}

/// The proxy passes on a path below the base, and nothing of the caller's own request but what is meant.
#[tokio::test]
async fn a_proxy_call_stays_below_the_base() {
    let (world, trap) = (World::new().await, Trap::set().await);
    let provider = Provider::start(async |_| json_answer(200, &json!({}))).await;
    let account = connect(&world.client, &acme(&provider.url)).await;
    let port = trap.port;
    for path in [
        format!("http://127.0.0.1:{port}/"),
        format!("/127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("@127.0.0.1:{port}/"),
        format!("%2F%2F127.0.0.1:{port}/"),
        "a%0d%0aHost:%20evil.example".to_owned(),
        "a%20HTTP/1.1%0d%0a".to_owned(),
        "..%2f..%2fadmin".to_owned(),
        "%2e%2e/admin".to_owned(),
        "a/%2e%2e/%2e%2e/%2e%2e/admin".to_owned(),
        "a%5c..%5cadmin".to_owned(),
        "a%23b".to_owned(),
    ] {
        let head = format!(
            "GET /proxy/{path}?integrated_account_id={account} HTTP/1.1\r\nconnection: close\r\nx-forwarded-host: evil.example\r\ncookie: a=b\r\nauthorization: Bearer {}\r\n",
            world.client.token
        );
        let told = crate::world::Line::send(&world.client, &head).await.rest().await;
        assert!(told.starts_with("HTTP/1.1 "), "{path}: {told}");
        assert_eq!(trap.seen().await, 0, "{path}");
    }
    for seen in provider.seen() {
        assert!(seen.path.starts_with("/v1/") && !seen.path.contains(".."), "{}", seen.path);
        let host = provider.url.trim_start_matches("http://");
        assert_eq!((seen.header("host"), seen.header("authorization")), (Some(host), Some("Bearer sandbox-token")));
        assert!(seen.header("x-forwarded-host").is_none() && seen.header("cookie").is_none());
    }
    let forwarded = world.client.request(Method::POST, &format!("/proxy/else?integrated_account_id={account}"));
    let answer = forwarded.header("x-evil", "1").header("cookie", "a=b").body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let seen: Vec<Value> =
        provider.seen().last().unwrap().headers.keys().map(|name| Value::from(name.as_str())).collect();
    assert!(!seen.contains(&json!("x-evil")) && !seen.contains(&json!("cookie")), "{seen:?}");
}
