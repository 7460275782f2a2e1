//! The log at its most talkative, of everything in the process: lines in which a secret is found are kept, the others counted.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, RwLock};

use memchr::memmem::Finder;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

static NEEDLES: RwLock<Vec<Finder<'static>>> = RwLock::new(Vec::new());
static FOUND: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
static LINES: AtomicUsize = AtomicUsize::new(0);

/// Begins to watch: from now on the log is written as long as somebody looks for something.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines =
            tracing_subscriber::fmt::layer().with_span_events(FmtSpan::FULL).with_ansi(false).with_writer(Watch);
        let lines = lines.with_filter(dynamic_filter_fn(|_, _| is_watched()));
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines)).unwrap();
        log::set_logger(&Watch).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// What is looked for from now on.
pub fn look_for(secret: &str) {
    NEEDLES.write().unwrap().push(Finder::new(secret.as_bytes()).into_owned());
}

/// What is looked for no longer.
pub fn look_no_more_for(secret: &str) {
    let mut needles = NEEDLES.write().unwrap();
    let at = needles.iter().position(|needle| needle.needle() == secret.as_bytes()).unwrap();
    needles.swap_remove(at);
}

/// Lines that hold a secret.
pub fn found(secret: &str) -> Vec<String> {
    FOUND.lock().unwrap().iter().filter(|(known, _)| known == secret).map(|(_, line)| line.clone()).collect()
}

pub fn forget(secret: &str) {
    FOUND.lock().unwrap().retain(|(known, _)| known != secret);
}

/// How many lines there were.
pub fn lines() -> usize {
    LINES.load(Ordering::Relaxed)
}

fn is_watched() -> bool {
    !NEEDLES.read().unwrap().is_empty()
}

fn line(bytes: &[u8]) {
    LINES.fetch_add(1, Ordering::Relaxed);
    for needle in NEEDLES.read().unwrap().iter().filter(|needle| needle.find(bytes).is_some()) {
        let secret = String::from_utf8_lossy(needle.needle()).into_owned();
        FOUND.lock().unwrap().push((secret, String::from_utf8_lossy(bytes).into_owned()));
    }
}

struct Watch;

impl io::Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        line(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Watch {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl log::Log for Watch {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        is_watched()
    }

    fn log(&self, record: &log::Record<'_>) {
        if is_watched() {
            line(format!("{} {} {}", record.level(), record.target(), record.args()).as_bytes());
        }
    }

    fn flush(&self) {}
}
