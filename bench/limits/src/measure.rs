//! Runs one command and writes what it cost, as `time -v` would, but as JSON.
//!
//! `rollcall-bench-measure REPORT COMMAND [ARGUMENT]…`
//!
//! The costs are those of the command and all the processes it waited for; the peak memory is that of the largest
//! of them. A starter of its own is needed because Linux counts the starter's memory into the peak of what it
//! starts: this one holds about 2 MB, a script would hide everything smaller than itself.

use std::{error::Error, process::Command, time::Instant};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(report), Some(command)) = (arguments.next(), arguments.next()) else {
        return Err("usage: rollcall-bench-measure REPORT COMMAND [ARGUMENT]…".into());
    };
    let started = Instant::now();
    let status = Command::new(command).args(arguments).status()?;
    let wall = started.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let costs = json!({
        "exit_code": status.code(),
        "wall_seconds": wall.as_secs_f64(),
        "user_seconds": seconds(usage.user_time()),
        "system_seconds": seconds(usage.system_time()),
        "peak_kilobytes": usage.max_rss(),
    });
    std::fs::write(report, costs.to_string())?;
    std::process::exit(status.code().unwrap_or(1));
}

fn seconds(time: nix::sys::time::TimeVal) -> f64 {
    std::time::Duration::from_micros(time.num_microseconds().unsigned_abs()).as_secs_f64()
}
