"""The main comparison: list everyone once, with `remote_data`, as newline-delimited JSON."""

import json
import statistics
import sys
from dataclasses import dataclass, field

from . import measure, setup
from .measure import Cost
from .mock import mock
from .places import BENCH, VENV, call


@dataclass
class Row:
    peer: object
    # The costs of each run, by how many people were listed in it.
    runs: dict = field(default_factory=dict)
    check: dict | None = None
    absent_because: str | None = None

    def at(self, users):
        """The median cost of listing so many people: measured, or drawn out from two measured sizes."""
        if users in self.runs:
            return median(self.runs[users])
        (small, low), (large, high) = ((size, median(costs)) for size, costs in sorted(self.runs.items()))
        times = (users - large) / (large - small)
        drawn = {
            name: getattr(high, name) + times * (getattr(high, name) - getattr(low, name))
            for name in ("user", "system", "wall")
        }
        # Memory is not drawn out: that of the larger run is what was seen.
        return Cost(**drawn, peak_megabytes=high.peak_megabytes)

    def spread(self, users):
        """Lowest and highest user CPU seen, where all people were listed."""
        costs = self.runs.get(users)
        return (min(c.user for c in costs), max(c.user for c in costs)) if costs else None


def median(costs):
    names = ("user", "system", "wall", "peak_megabytes")
    return Cost(**{name: statistics.median(getattr(cost, name) for cost in costs) for name in names})


def compare(peers, users, repeats, is_full=False):
    """Runs the peers in turn, `repeats` times over, so that other work on the machine falls on all alike."""
    rows = [Row(peer, absent_because=peer.absent_because()) for peer in peers]
    present = [row for row in rows if row.absent_because is None]
    setup.install(["python", *(need for row in present for need in row.peer.needs)])
    with measure.scratch_folder() as scratch:
        for repeat in range(repeats):
            for row in present:
                for size in sizes(row.peer, users, is_full):
                    one_run(row, size, scratch, is_first=repeat == 0)
    return rows


def sizes(peer, users, is_full):
    is_sampled = peer.sample and peer.sample[1] < users and not is_full
    return peer.sample if is_sampled else (users,)


def one_run(row, users, scratch, is_first):
    peer, data = row.peer, setup.generate(users)
    with mock(data) as base:
        cost = measure.run(peer, base, scratch)
    row.runs.setdefault(users, []).append(cost)
    print(f"{peer.key}: {users} people, user {cost.user:.3f} s, system {cost.system:.3f} s", file=sys.stderr)
    output = measure.output_of(peer, scratch)
    if is_first and peer.is_checked:
        row.check = check(peer, data, output)
        if not row.check["same"]:
            print(f"{peer.key}: NOT THE SAME PEOPLE: {json.dumps(row.check, ensure_ascii=False)}", file=sys.stderr)
    output.unlink()


def check(peer, data, output, *more):
    command = [VENV / "python/bin/python", BENCH / "harness/check.py", "--data", data, "--output", output]
    command += ["--record-at", peer.record_at, *more]
    command += [] if peer.has_remote_data else ["--without-remote-data"]
    return json.loads(call(*command))
