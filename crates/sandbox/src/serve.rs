//! The sandbox on a socket: HTTP/1.1 without TLS, for loopback.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming as Received;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use url::Url;

use crate::reply::Reply;
use crate::sandbox::Sandbox;

/// The largest request that is read.
const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A body without end ends here, in case nobody stops reading.
const HUGE_BYTES: u64 = 1 << 30;

/// Answers on a socket until the task is dropped.
///
/// # Errors
/// The socket cannot be accepted from.
pub async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        // Small answers must not wait for more to send.
        let _ = stream.set_nodelay(true);
        let sandbox = Arc::clone(&sandbox);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let sandbox = Arc::clone(&sandbox);
                async move { answer(&sandbox, request).await }
            });
            // A client that goes away is no fault of ours.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(sandbox: &Sandbox, request: Request<Received>) -> Result<Response<Sent>, Infallible> {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(http::header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let (Ok(url), Ok(body)) =
        (Url::parse(&format!("http://{host}{path}")), Limited::new(body, REQUEST_BYTES_MAX).collect().await)
    else {
        return Ok(plain(StatusCode::BAD_REQUEST));
    };
    let reply = sandbox.handle(parts.method, url, parts.headers, &body.to_bytes());
    Ok(match reply {
        Reply::Answer { status, headers, body } => built(status, headers, Sent::Whole(Some(body))),
        Reply::Cut { status, headers, body } => {
            let promised = body.len() as u64;
            built(status, headers, Sent::Cut { half: Some(body.slice(..body.len() / 2)), promised })
        }
        Reply::Huge => built(StatusCode::OK, HeaderMap::new(), Sent::Huge { left: HUGE_BYTES }),
        // Until the client gives up: the connection's end drops this.
        Reply::Silence => std::future::pending().await,
    })
}

fn plain(status: StatusCode) -> Response<Sent> {
    built(status, HeaderMap::new(), Sent::Whole(None))
}

fn built(status: StatusCode, headers: HeaderMap, body: Sent) -> Response<Sent> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A body on its way.
enum Sent {
    Whole(Option<Bytes>),
    /// Less than the head promises.
    Cut {
        half: Option<Bytes>,
        promised: u64,
    },
    Huge {
        left: u64,
    },
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(match &mut *self {
            Self::Whole(body) => body.take().map(|body| Ok(Frame::data(body))),
            Self::Cut { half, .. } => Some(match half.take() {
                Some(half) => Ok(Frame::data(half)),
                None => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
            }),
            Self::Huge { left: 0 } => None,
            Self::Huge { left } => {
                static BLANK: [u8; 64 * 1024] = [b' '; 64 * 1024];
                *left = left.saturating_sub(BLANK.len() as u64);
                Some(Ok(Frame::data(Bytes::from_static(&BLANK))))
            }
        })
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
            Self::Cut { promised, .. } => SizeHint::with_exact(*promised),
            Self::Huge { .. } => SizeHint::default(),
        }
    }
}
