"""Starts the mock provider, and ends it: this one process and no other."""

import contextlib
import subprocess

from .places import MOCK, Stop


@contextlib.contextmanager
def mock(data, rounds=1, shapes=("okta",)):
    """Yields the base URL of a mock on a free loopback port."""
    command = [MOCK, "--data", data, "--rounds", str(rounds), "--shapes", ",".join(shapes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise Stop(f"the mock did not start on {data}")
            yield url
        finally:
            process.terminate()
