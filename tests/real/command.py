"""Calls `rollcall` as an operator would: records from stdout, the summary from stderr, secrets through the environment."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

CALL_SECONDS = 300
SECRET = "ROLLCALL_REAL_"


@dataclass
class Answer:
    code: int
    records: list[dict]
    said: str

    @property
    def error(self) -> str:
        """The first line of what went wrong."""
        return next((line for line in self.said.splitlines() if line.startswith("error:")), self.said.strip().split("\n")[0])

    @property
    def not_read(self) -> set[str]:
        """The passes, lookups and enrichments that the summary calls not read."""
        return set(re.findall(r"^  not read: (.+?) \(\w+\): ", self.said, re.MULTILINE))

    @property
    def complaints(self) -> list[str]:
        """Values that the mapping did not know or could not read."""
        return re.findall(r"^  (values of .+)$", self.said, re.MULTILINE)


@dataclass
class Account:
    """A connector with its settings and credential."""

    connector: str
    settings: dict[str, str]
    secrets: dict[str, str]
    base_url: str | None = None
    auth: str | None = None

    def with_secrets(self, secrets: dict[str, str]) -> "Account":
        return Account(self.connector, self.settings, {**self.secrets, **secrets}, self.base_url, self.auth)


class Rollcall:
    def __init__(self, program: Path, connectors: Path):
        self.program = program
        self.connectors = connectors

    def all(self, account: Account, resource: str, filters: tuple[str, ...] = ()) -> Answer:
        chosen = [part for text in filters for part in ("--filter", text)]
        return self.run(account, ["list", resource, "--format", "ndjson", "--no-remote-data", *chosen])

    def one(self, account: Account, resource: str, id: str) -> Answer:
        return self.run(account, ["get", resource, id, "--no-remote-data"])

    def fingerprint(self, connector: str) -> str:
        shown = subprocess.run([self.program, "--connectors", self.connectors, "connector", "show", connector, "--json"], capture_output=True, text=True, timeout=CALL_SECONDS, check=True)
        return json.loads(shown.stdout)["fingerprint"]

    def run(self, account: Account, words: list[str]) -> Answer:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("ROLLCALL_", SECRET))}
        given = []
        for name, value in account.settings.items():
            given += ["--set", f"{name}={value}"]
        for name, value in account.secrets.items():
            environment[SECRET + name.upper()] = value
            given += ["--set", f"{name}=env:{SECRET}{name.upper()}"]
        if account.base_url:
            given += ["--base-url", account.base_url]
        if account.auth:
            given += ["--auth", account.auth]
        command = [self.program, "--connectors", self.connectors, *words, "--connector", account.connector, *given]
        done = subprocess.run(command, capture_output=True, env=environment, timeout=CALL_SECONDS, check=False)
        text = done.stdout.decode()
        return Answer(done.returncode, records(text), done.stderr.decode(errors="replace"))


def records(text: str) -> list[dict]:
    """One JSON object after the other, on one line each or on many."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        record, at = decoder.raw_decode(text, at)
        found.append(record)
    return found
