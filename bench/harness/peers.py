"""Who is measured: each a whole program that lists everyone from BASE_URL and writes them to standard output."""

import shutil
from dataclasses import dataclass

from .places import BENCH, LIMITS, ROLLCALL, VENV

PEERS = BENCH / "peers"


@dataclass(frozen=True)
class Peer:
    key: str
    title: str
    # `{base}` stands for the mock's URL.
    command: tuple
    kind: str = "peer"  # or: rollcall, limit
    needs: tuple = ()
    # Where the unified record lies in a line of output; lines without that path are other messages.
    record_at: str = "."
    has_remote_data: bool = True
    # None: measured with all people. Otherwise measured with so many and so many, and drawn out as a straight line.
    sample: tuple | None = None

    @property
    def is_checked(self):
        return self.kind != "limit"

    def absent_because(self):
        """Why the peer cannot run here; None when it can."""
        program = str(self.command[0])
        if self.kind == "rollcall" and not ROLLCALL.is_file():
            return "target/release/rollcall is not built: cargo build --release"
        if "/" not in program and shutil.which(program) is None:
            return f"{program} is not installed"
        if self.key == "jq" and not (shutil.which("jq") and shutil.which("curl")):
            return "jq or curl is not installed"
        return None


def _python(venv, script, *arguments):
    return (VENV / venv / "bin/python", PEERS / script, *arguments)


def _node(script, *arguments):
    return ("node", PEERS / "node" / script, *arguments)


ALL = (
    Peer(
        "rollcall",
        "**rollcall** list --format ndjson",
        (ROLLCALL, "list", "users", "--connector", "okta", "--set", "domain=acme.okta.com", "--set", "token=bench")
        + ("--base-url", "{base}", "--format", "ndjson"),
        kind="rollcall",
    ),
    Peer("copy", "limit: copy only", (LIMITS, "copy", "{base}"), kind="limit"),
    Peer("validate", "limit: validate only", (LIMITS, "validate", "{base}"), kind="limit"),
    Peer(
        "python-httpx",
        "Python, httpx + orjson",
        _python("python", "python/httpx_orjson.py", "{base}"),
        needs=("python",),
    ),
    Peer(
        "python-requests",
        "Python, requests + json",
        _python("python", "python/requests_json.py", "{base}"),
        needs=("python",),
    ),
    Peer("node-http", "Node, node:http", _node("http.mjs", "{base}")),
    Peer("node-fetch", "Node, fetch", _node("fetch.mjs", "{base}")),
    Peer("jq", "curl + jq", ("bash", PEERS / "jq/list.sh", "{base}")),
    Peer(
        "jsonata",
        "Node, fetch + jsonata",
        _node("jsonata.mjs", "{base}", "jsonata"),
        needs=("npm",),
        sample=(2_000, 10_000),
    ),
    Peer(
        "truto-jsonata",
        "Node, fetch + @truto/truto-jsonata",
        _node("jsonata.mjs", "{base}", "truto-jsonata"),
        needs=("npm",),
        sample=(2_000, 10_000),
    ),
    Peer(
        "singer-sdk",
        "singer-sdk tap",
        _python("singer-sdk", "singer-sdk/tap.py", "{base}"),
        needs=("singer-sdk",),
        record_at="record",
        sample=(2_000, 10_000),
    ),
    Peer(
        "airbyte-cdk-add",
        "airbyte-cdk, AddFields only",
        _python("airbyte-cdk", "airbyte-cdk/list.py", "{base}", "--add-fields-only"),
        needs=("airbyte-cdk",),
        record_at="record.data.unified",
        has_remote_data=False,
        sample=(1_000, 4_000),
    ),
    Peer(
        "airbyte-cdk",
        "airbyte-cdk",
        _python("airbyte-cdk", "airbyte-cdk/list.py", "{base}"),
        needs=("airbyte-cdk",),
        record_at="record.data",
        sample=(1_000, 4_000),
    ),
)


def chosen(keys):
    known = {peer.key: peer for peer in ALL}
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise ValueError(f"there is no peer {', '.join(unknown)}; there are {', '.join(known)}")
    return [peer for peer in ALL if peer.key in keys]
