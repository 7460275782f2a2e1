"""Whether memory grows with the directory: peak memory of listing everyone, and of ten times as many."""

import sys

from . import listing, measure, setup
from .mock import mock
from .places import Stop

# Those whose time for a million people is bearable.
PEERS = ("rollcall", "copy", "validate", "python-httpx", "node-http", "node-fetch")
ROUNDS = 10


def compare(peers, users):
    """For each peer the cost at `users` and at ten times that, or None where it is absent."""
    present = [peer for peer in peers if peer.key in PEERS and peer.absent_because() is None]
    setup.install(["python", *(need for peer in present for need in peer.needs)])
    data = setup.generate(users)
    costs = {peer: None for peer in peers if peer.key in PEERS}
    with measure.scratch_folder() as scratch:
        for peer in present:
            costs[peer] = tuple(one_run(peer, data, rounds, scratch) for rounds in (1, ROUNDS))
    return costs


def one_run(peer, data, rounds, scratch):
    with mock(data, rounds) as base:
        cost = measure.run(peer, base, scratch)
    print(f"{peer.key}: {rounds} rounds, peak {cost.peak_megabytes:.1f} MB", file=sys.stderr)
    output = measure.output_of(peer, scratch)
    if peer.is_checked:
        seen = listing.check(peer, data, output, "--ids-only", "--rounds", str(rounds))
        if not seen["same"]:
            raise Stop(f"{peer.key} lists other people than there are: {seen}")
    output.unlink()
    return cost
