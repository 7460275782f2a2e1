//! `rollcall app`: OAuth apps are set, seen without their secrets, and removed.

use serde_json::{Value, json};

use crate::run::{Folder, Output, rollcall, rollcall_with};

const SECRET: &str = "the-secret-of-the-app";

fn app(folder: &Folder, arguments: &[&str]) -> Output {
    rollcall_with(&[&["app"], arguments, &["--data", folder.text()]].concat(), &[("APP_SECRET", SECRET)])
}

fn shown(folder: &Folder) -> Value {
    let listed = app(folder, &["list", "--json"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    serde_json::from_str(&listed.stdout).expect("JSON")
}

/// No place shows the secret, the database included.
fn hides(folder: &Folder, outputs: &[&Output]) {
    for output in outputs {
        assert!(
            !output.stdout.contains(SECRET) && !output.stderr.contains(SECRET),
            "{}{}",
            output.stdout,
            output.stderr
        );
    }
    for file in std::fs::read_dir(folder.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("its bytes");
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "the secret is in a file");
    }
}

#[test]
fn an_app_is_set_seen_replaced_and_removed() {
    let folder = Folder::new("app");
    let set = app(
        &folder,
        &[
            "add",
            "github",
            "--set",
            "client_id=Iv1.0123",
            "--set",
            "client_secret=env:APP_SECRET",
            "--public-url",
            "https://rollcall.example.com/",
        ],
    );
    assert_eq!(set.code, 0, "{}", set.stderr);
    assert_eq!(set.stdout, "https://rollcall.example.com/connect/callback\n");
    assert!(set.stderr.contains("its secret is sealed"), "{}", set.stderr);
    let listed = app(&folder, &["list"]);
    assert!(listed.stdout.contains("github") && listed.stdout.contains("Iv1.0123"), "{}", listed.stdout);
    assert!(listed.stdout.contains("sealed"), "{}", listed.stdout);
    hides(&folder, &[&set, &listed]);
    let one = &shown(&folder)[0];
    assert_eq!(one["integration"], json!({"name": "github"}));
    assert_eq!((&one["client_id"], &one["has_client_secret"]), (&json!("Iv1.0123"), &json!(true)));
    assert_eq!(one["redirect_uri"], "http://127.0.0.1:8080/connect/callback");

    // A second one takes the place of the first, its secret too.
    let again = app(&folder, &["add", "github", "--set", "client_id=Iv1.9999", "--json"]);
    let again: Value = serde_json::from_str(&again.stdout).expect("JSON");
    assert_eq!((&again["client_id"], &again["has_client_secret"]), (&json!("Iv1.9999"), &json!(false)));
    assert_eq!(shown(&folder).as_array().map(Vec::len), Some(1));

    let removed = app(&folder, &["remove", "github"]);
    assert_eq!(removed.code, 0, "{}", removed.stderr);
    assert_eq!(shown(&folder), json!([]));
    let none = app(&folder, &["remove", "github"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("no OAuth app for `github`") && none.stderr.contains("app list"), "{}", none.stderr);
}

#[test]
fn a_secret_may_be_in_a_file_and_the_host_comes_with_it() {
    let folder = Folder::new("app-file");
    std::fs::create_dir_all(folder.path()).expect("a folder");
    let file = std::env::temp_dir().join(format!("rollcall-cli-secret-{}", std::process::id()));
    std::fs::write(&file, format!("{SECRET}\n")).expect("written");
    let secret = format!("client_secret=file:{}", file.display());
    let given = ["add", "okta", "--set", "client_id=0oa1", "--set", &secret];
    // Who decides where the secret is sent must be the one who gives it.
    let lacks = app(&folder, &given);
    assert_eq!(lacks.code, 2, "{}", lacks.stdout);
    assert!(lacks.stderr.contains("`domain` is missing"), "{}", lacks.stderr);
    assert_eq!(shown(&folder), json!([]));
    let set = app(&folder, &[&given[..], &["--set", "domain=acme.okta.com"]].concat());
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(set.code, 0, "{}", set.stderr);
    assert_eq!(shown(&folder)[0]["settings"], json!({"domain": "acme.okta.com"}));
    assert!(app(&folder, &["list"]).stdout.contains("domain=acme.okta.com"));
    hides(&folder, &[&lacks, &set]);
}

#[test]
fn an_environment_has_its_own_apps() {
    let folder = Folder::new("app-environment");
    assert_eq!(rollcall(&["environment", "create", "other", "--data", folder.text()]).code, 0);
    let set = app(&folder, &["add", "github", "--set", "client_id=Iv1.0123", "--environment", "other"]);
    assert_eq!(set.code, 0, "{}", set.stderr);
    assert!(set.stderr.contains("a public client"), "{}", set.stderr);
    assert_eq!(shown(&folder), json!([]));
    assert!(app(&folder, &["list", "--environment", "other"]).stdout.contains("Iv1.0123"));
    assert_eq!(app(&folder, &["remove", "github"]).code, 2);
    assert_eq!(app(&folder, &["remove", "github", "--environment", "other"]).code, 0);
}

#[test]
fn mistakes_are_named_and_nothing_is_saved() {
    let folder = Folder::new("app-mistakes");
    let id = ["--set", "client_id=Iv1.0123"];
    let mistakes: [(&[&str], &[&str]); 6] = [
        (&["add", "github"], &["`client_id` is missing", "--set client_id="]),
        (&["add", "github", "--set", "client_id= "], &["`client_id` is empty"]),
        (&["add", "githbu", id[0], id[1]], &["no connector `githbu`", "`github`"]),
        (&["add", "github", id[0], id[1], "--set", "token=the-secret-of-the-app"], &["`token`"]),
        (&["add", "github", id[0], id[1], "--set", "client_secret=env:NO_SUCH_VARIABLE"], &["NO_SUCH_VARIABLE"]),
        (&["add", "github", id[0], id[1], "--public-url", "rollcall.example.com"], &["--public-url", "https://"]),
    ];
    for (arguments, words) in mistakes {
        let refused = app(&folder, arguments);
        assert_eq!(refused.code, 2, "{arguments:?}: {}{}", refused.stdout, refused.stderr);
        for word in words {
            assert!(refused.stderr.contains(word), "{arguments:?}: {}", refused.stderr);
        }
        assert!(!refused.stderr.contains(SECRET), "{}", refused.stderr);
    }
    assert_eq!(shown(&folder), json!([]));
}
