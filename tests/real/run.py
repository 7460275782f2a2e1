#!/usr/bin/env python3
"""Lists the people of real products, running on this machine, and compares each field with what is really in there.

    tests/real/run.py                 all products
    tests/real/run.py SLUG…           these products, or the products of these connectors
    tests/real/run.py --quick         those that start in seconds
    tests/real/run.py --write         notes what was shown in connectors/live-runs.json

The products are described in products.json, with everything that is known to differ and why."""

import argparse
import contextlib
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from check import Outcome, check
from command import Rollcall
from compare import BadRules
from servers import NotStarted, Servers

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LEDGER = ROOT / "connectors" / "live-runs.json"


def main() -> int:
    arguments = parse()
    source = Path(os.environ.get("REAL_SERVERS") or ROOT.parent / "shared" / "real-servers")
    products = json.loads((HERE / "products.json").read_text())
    chosen = choose(products, arguments.slugs)
    if not source.is_dir():
        print(f"skipped: {source} is not there; it has the scripts that start the products")
        return 0
    home = Path(os.environ.get("REAL_SERVERS_HOME") or Path.home() / ".cache" / "real-servers").resolve()
    servers = Servers(source, home)
    servers.copy_scripts()
    rollcall = Rollcall(program(), ROOT / "connectors")
    count = {"passed": 0, "failed": 0, "skipped": 0}
    proofs: list[tuple[str, str, Outcome]] = []
    for slug in chosen:
        rules = products[slug]
        why = reason_to_skip(slug, rules, servers, arguments.quick)
        if why:
            print(f"skip {slug}: {why}", flush=True)
            count["skipped"] += len(rules["runs"])
            continue
        for connector, rule, outcome in product(slug, rules, servers, rollcall, arguments.slugs):
            good = not outcome.differences
            count["passed" if good else "failed"] += 1
            mark = ("ok  " if good else "FAIL") + ("" if rule.get("proves") == "live" else " emulated")
            print(f"{mark} {slug} → {connector}: {', '.join(outcome.notes)}", flush=True)
            for text in outcome.differences:
                print("       " + text.replace("\n", "\n       "), flush=True)
            if rule.get("proves") == "live":
                shown = f"{rules['name']} {servers.version(slug, rules['version'])}" if good else rules["name"]
                proofs.append((connector, shown, outcome))
    if arguments.write:
        write(proofs, rollcall)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="a product or a connector")
    parser.add_argument("--quick", action="store_true", help="only products that start in seconds")
    parser.add_argument("--write", action="store_true", help="note what was shown in connectors/live-runs.json")
    return parser.parse_args()


def choose(products: dict, slugs: list[str]) -> list[str]:
    known = set(products) | {rule["connector"] for rules in products.values() for rule in rules["runs"]}
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        sys.exit(f"error: no product or connector is called {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [slug for slug, rules in products.items() if not slugs or slug in slugs or any(rule["connector"] in slugs for rule in rules["runs"])]


def program() -> Path:
    """The newest build, or the one that `ROLLCALL` names."""
    if "ROLLCALL" in os.environ:
        return Path(os.environ["ROLLCALL"]).resolve()
    built = [path for path in (ROOT / "target" / kind / "rollcall" for kind in ("debug", "release")) if path.is_file()]
    if not built:
        sys.exit("error: there is no rollcall in target/\nhint: build it with `cargo build`")
    return max(built, key=lambda path: path.stat().st_mtime)


def reason_to_skip(slug: str, rules: dict, servers: Servers, quick: bool) -> str | None:
    if not servers.has(slug):
        return f"{servers.source} has no script for it"
    if quick and rules["quick"] == "no":
        return "starts too slowly for --quick"
    if quick and rules["quick"] == "installed" and not servers.installed(slug):
        return "is not installed, and takes long to install"
    return None


def product(slug: str, rules: dict, servers: Servers, rollcall: Rollcall, slugs: list[str]):
    """Starts a product, checks its connectors, and stops it if it was not running before."""
    wanted = [rule for rule in rules["runs"] if not slugs or slug in slugs or rule["connector"] in slugs]
    ours = not servers.running(slug)
    began = time.monotonic()
    try:
        try:
            ready, truth = servers.start(slug)
        except (NotStarted, OSError, ValueError) as fault:
            for rule in wanted:
                yield rule["connector"], rule, Outcome(notes=["not started"], differences=[f"start: {fault}"])
            return
        started = time.monotonic() - began
        for rule in wanted:
            began = time.monotonic()
            try:
                with adapted(rollcall, rule) as caller:
                    outcome = check(caller, rule, ready, truth)
            except BadRules as fault:
                outcome = Outcome(differences=[f"products.json: {fault}"])
            except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
                outcome = Outcome(differences=[traceback.format_exc().strip()])
            outcome.notes.append(f"start {started:.0f} s, checks {time.monotonic() - began:.0f} s")
            yield rule["connector"], rule, outcome
    finally:
        if ours:
            servers.stop(slug)


@contextlib.contextmanager
def adapted(rollcall: Rollcall, rule: dict):
    """For an emulator that answers otherwise than the vendor: the connector with the declared changes, in a folder of its own."""
    changes = rule.get("adapted", {}).get("changes", [])
    if not changes:
        yield rollcall
        return
    if rule["proves"] == "live":
        raise BadRules("a changed connector proves nothing of the one that is shipped")
    text = (rollcall.connectors / rule["connector"] / "connector.yaml").read_text()
    for change in changes:
        if text.count(change["from"]) != 1:
            raise BadRules(f"the connector does not have {change['from']!r} exactly once")
        text = text.replace(change["from"], change["to"])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / rule["connector"]
        place.mkdir()
        (place / "connector.yaml").write_text(text)
        yield Rollcall(rollcall.program, Path(folder))


def write(proofs: list[tuple[str, str, Outcome]], rollcall: Rollcall) -> None:
    """A run replaces what an earlier run noted of the same connector; a run that failed leaves nothing."""
    ledger = json.loads(LEDGER.read_text()) if LEDGER.is_file() else {}
    today = datetime.date.today().isoformat()
    for connector, name, outcome in proofs:
        ledger.pop(connector, None)
        if not outcome.differences:
            mark = rollcall.fingerprint(connector)
            ledger[connector] = {resource: [{"tier": "live", "fingerprint": mark, "on": today, "what": f"{name}: {what}"}] for resource, what in sorted(outcome.shown.items())}
    LEDGER.write_text(json.dumps(dict(sorted(ledger.items())), ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
