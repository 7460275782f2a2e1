//! A call read by hand, as slowly as a test wants, and let go when it wants.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::Client;

const LONGEST: Duration = Duration::from_secs(60);

/// A connection with one call on it.
pub struct Line {
    stream: TcpStream,
    pub received: Vec<u8>,
}

impl Line {
    /// Sends a GET with the client's token; the receiving side holds little.
    pub async fn get(client: &Client, path: &str) -> Self {
        Self::send(client, &format!("GET {path} HTTP/1.1\r\nauthorization: Bearer {}\r\n", client.token)).await
    }

    /// Sends the head of a request; the host is added.
    pub async fn send(client: &Client, head: &str) -> Self {
        let address = client.url.trim_start_matches("http://");
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
        stream.write_all(format!("{head}host: {address}\r\n\r\n").as_bytes()).await.unwrap();
        Self { stream, received: Vec::new() }
    }

    /// Reads on until these words came.
    pub async fn until(&mut self, words: &str) {
        let reading = async {
            let mut from = 0;
            while memchr::memmem::find(&self.received[from..], words.as_bytes()).is_none() {
                from = self.received.len().saturating_sub(words.len());
                assert!(self.read().await, "the end, without `{words}`: {}", self.text());
            }
        };
        tokio::time::timeout(LONGEST, reading).await.unwrap_or_else(|_| panic!("no `{words}` came"));
    }

    /// Reads to the end of the connection.
    pub async fn rest(&mut self) -> String {
        let reading = async { while self.read().await {} };
        tokio::time::timeout(LONGEST, reading).await.expect("an end");
        self.text()
    }

    async fn read(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.received.extend_from_slice(&buffer[..read]);
        read > 0
    }

    /// What came so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }
}
