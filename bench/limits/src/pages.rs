//! One kept-alive connection, and pages chained by their `Link` header.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, Uri,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, HOST, LINK},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Failure;

pub struct Connection {
    host: String,
    sender: SendRequest<Empty<Bytes>>,
}

pub struct Page {
    /// The next page's path and query, absent on the last.
    pub next: Option<String>,
    response: Response<Incoming>,
}

impl Connection {
    pub async fn open(base: &str) -> Result<Self, Failure> {
        let host = base.strip_prefix("http://").ok_or("the base URL must be http://HOST:PORT")?.to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { host, sender })
    }

    pub async fn get(&mut self, target: &str) -> Result<Page, Failure> {
        self.sender.ready().await?;
        let request =
            Request::get(target).header(HOST, &self.host).header(AUTHORIZATION, "SSWS bench").body(Empty::new())?;
        let response = self.sender.send_request(request).await?;
        if response.status() != 200 {
            return Err(format!("{target} answered {}", response.status()).into());
        }
        let next = response.headers().get_all(LINK).iter().filter_map(|link| link.to_str().ok()).find_map(next_target);
        Ok(Page { next, response })
    }
}

impl Page {
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Failure> {
        while let Some(frame) = self.response.frame().await {
            if let Ok(piece) = frame?.into_data() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

/// The path and query of a `Link` header of relation `next`.
fn next_target(link: &str) -> Option<String> {
    let (url, relation) = link.strip_prefix('<')?.split_once('>')?;
    let uri: Uri = relation.contains("rel=\"next\"").then(|| url.parse().ok())??;
    Some(uri.path_and_query()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::next_target;

    #[test]
    fn only_the_next_relation_leads_on() {
        assert_eq!(next_target(r#"<http://h:1/a?after=c1z>; rel="next""#).as_deref(), Some("/a?after=c1z"));
        assert_eq!(next_target(r#"<http://h:1/a?after=c1z>; rel="self""#), None);
    }
}
