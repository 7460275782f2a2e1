"""Where things lie, and how outside programs are called."""

import os
import pathlib
import subprocess

BENCH = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = BENCH.parent
OUT = BENCH / "out"
VENV = BENCH / "venv"
RELEASE = OUT / "target/release"
MOCK = RELEASE / "rollcall-bench-mock"
LIMITS = RELEASE / "rollcall-bench-limits"
MEASURE = RELEASE / "rollcall-bench-measure"
LOAD = RELEASE / "rollcall-bench-load"
ROLLCALL = pathlib.Path(os.environ.get("ROLLCALL", REPOSITORY / "target/release/rollcall"))
RESULTS = BENCH / "RESULTS.md"


class Stop(Exception):
    """Something the person at the keyboard has to know; ends the run without a traceback."""


def call(*command, **options):
    """Runs a preparing step; its output is shown only when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise Stop(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def first_line(*command):
    """The first line a program prints, as programs do for their version; empty when there is no such program."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    except OSError:
        return ""
    return (done.stdout or done.stderr).strip().partition("\n")[0]
