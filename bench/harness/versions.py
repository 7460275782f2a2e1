"""What was measured with what: the machine and the versions of everything that runs."""

import datetime
import json
import os
import pathlib
import platform

from . import setup
from .places import BENCH, REPOSITORY, ROLLCALL, first_line


def lines():
    """Markdown list items."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    kernel = platform.release().partition("-")[0]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    yield f"- {datetime.date.today().isoformat()}; {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB"
    yield f"- {platform.system()} {kernel}; load when done: {load} (1, 5, 15 minutes)"
    if ROLLCALL.is_file():
        commit = first_line("git", "-C", REPOSITORY, "rev-parse", "--short", "HEAD")
        changed = first_line("git", "-C", REPOSITORY, "status", "--porcelain", "--", "crates", "connectors/okta")
        yield f"- {first_line(ROLLCALL, '--version')}, commit {commit}{' with uncommitted changes' if changed else ''}"
    programs = [first_line("rustc", "--version"), f"Node {first_line('node', '--version')}"]
    programs += [f"Python {platform.python_version()}", first_line("jq", "--version")]
    programs += [" ".join(first_line("curl", "--version").split()[:2])]
    yield f"- {', '.join(program for program in programs if program)}"
    pins = [pin for path in setup.VENVS.values() for pin in (BENCH / path).read_text().split()]
    yield f"- {', '.join(pin.replace('==', ' ') for pin in pins)}"
    if (BENCH / "node_modules").is_dir():
        yield f"- {', '.join(_npm_pins())}"


def _processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _npm_pins():
    pins = json.loads((BENCH / "package.json").read_text())["dependencies"]
    return (f"{name} {version}" for name, version in pins.items())
