//! A clock that tests put forward, and on which waiting takes no time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime};

use rollcall_engine::clock::Clock;

/// 2026-06-01 12:00 UTC.
const BEGIN_SECONDS: u64 = 1_780_315_200;

#[derive(Clone, Default)]
pub struct TestClock {
    passed: Arc<Mutex<Duration>>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl TestClock {
    pub fn forward(&self, by: Duration) {
        *self.passed.lock().unwrap() += by;
    }

    /// How long was waited for providers, each time.
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }

    pub fn of_store(&self) -> rollcall_store::Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }

    fn passed(&self) -> Duration {
        *self.passed.lock().unwrap()
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN_SECONDS) + self.passed()
    }

    fn instant(&self) -> Instant {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        *START + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.waits.lock().unwrap().push(duration);
        self.forward(duration);
        Box::pin(tokio::task::yield_now())
    }
}
