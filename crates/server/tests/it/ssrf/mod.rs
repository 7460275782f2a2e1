//! Where calls may lead: to what the operator allows, whatever an account, a provider or a caller says. Behind each address is a listener
//! that must see nobody.

mod led;
mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

/// A listener that must see nobody.
pub struct Trap {
    pub port: u16,
    seen: Arc<AtomicUsize>,
}

impl Trap {
    pub async fn set() -> Self {
        // Both families, where there are two.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(AtomicUsize::new(0));
        let mut listeners = vec![listener];
        listeners.extend(TcpListener::bind(("::1", port)).await);
        for listener in listeners {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                while listener.accept().await.is_ok() {
                    seen.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Self { port, seen }
    }

    /// How many came.
    pub async fn seen(&self) -> usize {
        // What was accepted by the system is taken before this.
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        self.seen.load(Ordering::SeqCst)
    }

    /// Addresses that lead to it, or to other places that are nobody's business.
    pub fn hosts(&self) -> Vec<String> {
        let port = self.port;
        [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "0.0.0.0",
            "0",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00::1]",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "１２７.0.0.1",
            "127。0。0。1",
            "①②⑦.0.0.1",
            "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        ]
        .into_iter()
        .map(|host| format!("{host}:{port}"))
        .collect()
    }
}

/// The listener sees who comes.
#[tokio::test]
async fn the_trap_sees_who_comes() {
    let trap = Trap::set().await;
    assert_eq!(trap.seen().await, 0);
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", trap.port)).await.unwrap();
    crate::world::until("somebody", || trap.seen.load(Ordering::SeqCst) == 1).await;
    drop(stream);
}
