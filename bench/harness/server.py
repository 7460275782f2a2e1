"""Starts `rollcall serve` on a fresh folder with one account at the mock, and tells what the process used."""

import contextlib
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import urllib.request

from .places import ROLLCALL, Stop

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, url, token, account, pid):
        self.url, self.token, self.account, self.pid = url, token, account, pid

    def users(self, **parameters):
        """The URL that lists users."""
        query = "".join(f"&{name}={value}" for name, value in parameters.items())
        return f"{self.url}/unified/user-directory/users?integrated_account_id={self.account}{query}"

    def cpu_seconds(self):
        """User and system time so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_megabytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


@contextlib.contextmanager
def server(provider):
    """Yields a server whose one account is at `provider`, the base URL of a mock."""
    with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder:
        common = ["--data", folder]
        command = [ROLLCALL, "serve", *common, "--listen", "127.0.0.1:0", "--allow-private", "127.0.0.1"]
        command += ["--requests-per-second", "1000000"]
        environment = os.environ | {"ROLLCALL_LOG": "warn"}
        with subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True, env=environment) as process:
            try:
                url = re.search(r"listens on (\S+)", process.stderr.readline())
                if not url:
                    raise Stop("`rollcall serve` did not start")
                threading.Thread(target=process.stderr.read, daemon=True).start()
                token = _call("token", "create", *common)
                account = _call(
                    "account", "add", "okta", "--set", "domain=acme.okta.com", "--set", "token=bench",
                    "--base-url", provider, "--allow-private", "127.0.0.1", *common,
                )
                started = Server(url[1], token, account, process.pid)
                _wait(started)
                yield started
            finally:
                process.terminate()


def _call(*arguments):
    done = subprocess.run([str(ROLLCALL), *arguments], capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"rollcall {arguments[0]} failed: {done.stderr}")
    return done.stdout.strip()


def _wait(started):
    request = urllib.request.Request(started.users(limit=1), headers={"Authorization": f"Bearer {started.token}"})
    for _ in range(50):
        try:
            with urllib.request.urlopen(request) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.1)
    raise Stop("the server does not answer")
