//! Holds a provider back until it is told to go on.

use std::sync::Arc;

use tokio::sync::Semaphore;

#[derive(Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets so many pass.
    pub fn open(&self, count: usize) {
        self.0.add_permits(count);
    }

    pub async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}
