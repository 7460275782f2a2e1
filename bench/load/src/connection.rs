//! One connection that is kept.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode, Uri, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::net::TcpStream;

use crate::Failure;

pub struct Connection {
    sender: http1::SendRequest<Empty<Bytes>>,
    url: String,
    host: String,
    token: Option<String>,
}

impl Connection {
    pub async fn open(url: &str, token: Option<&str>) -> Result<Self, Failure> {
        let uri: Uri = url.parse()?;
        let host = uri.authority().ok_or("the URL has no host")?.to_string();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(connection);
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { sender, url: path, host, token: token.map(str::to_owned) })
    }

    async fn ask(&mut self, cursor: Option<&str>) -> Result<hyper::Response<hyper::body::Incoming>, Failure> {
        let path = match cursor {
            Some(cursor) => format!("{}&next_cursor={cursor}", self.url),
            None => self.url.clone(),
        };
        let mut request = Request::get(path).header(header::HOST, &self.host);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token);
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Empty::new())?).await?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
    }

    pub async fn get(&mut self, cursor: Option<&str>) -> Result<Bytes, Failure> {
        Ok(self.ask(cursor).await?.into_body().collect().await?.to_bytes())
    }

    /// Lines of a stream before the trailer, and whether the trailer says that they are everybody.
    pub async fn lines(mut self) -> Result<(u64, bool), Failure> {
        let mut body = self.ask(None).await?.into_body();
        let (mut lines, mut tail) = (0, Vec::new());
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            lines += memchr::memchr_iter(b'\n', &data).count() as u64;
            // The trailer is short.
            tail.extend_from_slice(&data);
            let excess = tail.len().saturating_sub(8192);
            tail.drain(..excess);
        }
        let complete = memmem::find(&tail, b"{\"object\":\"trailer\",\"complete\":true").is_some();
        Ok((lines.saturating_sub(1), complete))
    }
}

/// The cursor of a page; it stands behind the records.
pub fn next_cursor(body: &[u8]) -> Option<String> {
    let at = memmem::rfind(body, b"\"next_cursor\":\"")? + 15;
    let rest = body.get(at..)?;
    let end = memchr::memchr(b'"', rest)?;
    Some(String::from_utf8_lossy(rest.get(..end)?).into_owned())
}
