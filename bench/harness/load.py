"""The server under load: what a page costs, what it adds to calling the provider, many streams at once, memory."""

import subprocess

from . import setup, versions
from .mock import mock
from .places import LOAD, ROLLCALL, Stop
from .server import server

PAGE = 200
CONNECTIONS = 16
STREAMS = 200

# What is wanted: figures of a bare prototype with some room for authentication, sealing, cursors and metrics.
GOALS = {
    "cpu_ms": (1.05, "at most"),
    "users_per_core": (180_000, "at least"),
    "added_p50_ms": (1.5, "at most"),
    "added_p99_ms": (5.0, "at most"),
    "streams_mb": (256, "at most"),
    "growth": (1.1, "at most"),
}


def run(seconds, stream_users, streams=STREAMS):
    """All figures, by name."""
    if not ROLLCALL.is_file():
        raise Stop("target/release/rollcall is not built: cargo build --release")
    data = setup.generate(100_000)
    figures = {}
    with mock(data) as provider, server(provider) as started:
        figures |= saturate(provider, started, seconds)
        figures |= latency(provider, started, seconds, figures["requests_per_second"] / 2)
    with mock(setup.generate(stream_users)) as provider, server(provider) as started:
        figures |= many_streams(started, streams, stream_users)
    figures |= growth(data)
    return figures


def saturate(provider, started, seconds):
    before = started.cpu_seconds()
    told = _load("saturate", started.users(limit=PAGE), started.token, connections=CONNECTIONS, seconds=seconds)
    cpu = started.cpu_seconds() - before
    return {
        "requests_per_second": told["requests"] / seconds,
        "cpu_ms": cpu / told["requests"] * 1e3,
        "users_per_core": told["requests"] * PAGE / cpu,
        "requests_per_core": told["requests"] / cpu,
        "saturated_p50_ms": told["p50_ms"],
    }


def latency(provider, started, seconds, rate):
    direct = _load("pace", f"{provider}/api/v1/users?limit={PAGE}", "SSWS bench", rate=rate, seconds=seconds)
    ours = _load("pace", started.users(limit=PAGE), started.token, rate=rate, seconds=seconds)
    return {
        "rate": rate,
        "direct_p50_ms": direct["p50_ms"],
        "direct_p99_ms": direct["p99_ms"],
        "p50_ms": ours["p50_ms"],
        "p99_ms": ours["p99_ms"],
        "added_p50_ms": ours["p50_ms"] - direct["p50_ms"],
        "added_p99_ms": ours["p99_ms"] - direct["p99_ms"],
    }


def many_streams(started, streams, users):
    before = started.cpu_seconds()
    told = _load("stream", started.users(truto_response_format="stream"), started.token, connections=streams)
    if told["lines"] != streams * users or told["complete"] != streams:
        raise Stop(f"{streams} streams of {users} gave {told}")
    return {
        "streams": streams,
        "stream_users": users,
        "streams_mb": started.peak_megabytes(),
        "streams_users_per_second": told["lines"] / told["seconds"],
        "streams_users_per_core": told["lines"] / (started.cpu_seconds() - before),
    }


def growth(data):
    peaks = []
    for rounds in (1, 10):
        with mock(data, rounds) as provider, server(provider) as started:
            told = _load("stream", started.users(truto_response_format="stream"), started.token, connections=1)
            if told["complete"] != 1:
                raise Stop(f"a stream of {rounds} × 100,000 gave {told}")
            peaks.append(started.peak_megabytes())
    return {"mb_100k": peaks[0], "mb_1m": peaks[1], "growth": peaks[1] / peaks[0]}


def _load(what, url, token, **options):
    token = token if " " in token else f"Bearer {token}"
    command = [str(LOAD), what, "--url", url, "--token", token]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"load {what} failed: {done.stderr[-2000:]}")
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def table(figures):
    def goal(name):
        if name not in GOALS:
            return ""
        bound, word = GOALS[name]
        met = figures[name] <= bound if word == "at most" else figures[name] >= bound
        return f"{word} {bound:,}: {'met' if met else '**not met**'}"

    rows = [
        (f"CPU of one unified page of {PAGE} users, ms", "cpu_ms", "{:.2f}"),
        ("users per second and core", "users_per_core", "{:,.0f}"),
        (f"pages of {PAGE} per second and core", "requests_per_core", "{:,.0f}"),
        (f"pages per second, {CONNECTIONS} connections", "requests_per_second", "{:,.0f}"),
        ("at half of that, pages per second", "rate", "{:,.0f}"),
        ("– the provider alone, p50 ms", "direct_p50_ms", "{:.2f}"),
        ("– the provider alone, p99 ms", "direct_p99_ms", "{:.2f}"),
        ("– through rollcall, p50 ms", "p50_ms", "{:.2f}"),
        ("– through rollcall, p99 ms", "p99_ms", "{:.2f}"),
        ("– added, p50 ms", "added_p50_ms", "{:.2f}"),
        ("– added, p99 ms", "added_p99_ms", "{:.2f}"),
        (f"peak memory of {figures['streams']} streams of {figures['stream_users']:,} users each, MB", "streams_mb", "{:.0f}"),
        ("– users per second in all", "streams_users_per_second", "{:,.0f}"),
        ("– users per second and core", "streams_users_per_core", "{:,.0f}"),
        ("peak memory of one stream of 100,000, MB", "mb_100k", "{:.1f}"),
        ("peak memory of one stream of 1,000,000, MB", "mb_1m", "{:.1f}"),
        ("– growth", "growth", "× {:.2f}"),
    ]
    lines = ["## The server under load", "", *versions.lines()]
    lines += [
        "- Okta-shaped users with `remote_data`; authentication, sealed credentials, cursors and metrics on; the mock, the callers and the",
        "  server share the machine’s cores.",
        "",
        "| | | goal |",
        "|---|--:|---|",
    ]
    lines += [f"| {name} | {form.format(figures[key])} | {goal(key)} |" for name, key, form in rows]
    return "\n".join(lines)


def is_right(figures):
    """Whether memory is bounded; times depend on what else the machine does, and are for reading."""
    return figures["streams_mb"] <= GOALS["streams_mb"][0] and figures["growth"] <= GOALS["growth"][0]
