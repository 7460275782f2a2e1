"""Writes what was measured as Markdown, one section of RESULTS.md for each kind of measurement."""

from . import versions
from .places import RESULTS

# The order of the sections in the file.
SECTIONS = ("listing", "memory", "load")
# rollcall has to need so many times less user CPU than each of these.
GOALS = {"python-httpx": 10, "python-requests": 10, "node-http": 10, "node-fetch": 10, "airbyte-cdk": 500}

HEAD = """# Results

Written by `bench/run`; what is measured and how is in [README.md](README.md).
"""


def write(name, text):
    """Replaces one section and keeps the others, which may be of another day."""
    sections = _read()
    sections[name] = text.strip() + "\n"
    body = "".join(
        f"\n<!-- {key} -->\n{sections[key]}<!-- end of {key} -->\n" for key in SECTIONS if key in sections
    )
    RESULTS.write_text(HEAD + body)


def _read():
    sections = {}
    text = RESULTS.read_text() if RESULTS.is_file() else ""
    for key in SECTIONS:
        _, found, rest = text.partition(f"<!-- {key} -->\n")
        if found:
            sections[key] = rest.partition(f"<!-- end of {key} -->")[0]
    return sections


def listing(rows, users, repeats):
    costs = {row.peer.key: row.at(users) for row in rows if row.runs}
    own, floor = costs.get("rollcall"), costs.get("validate")
    lines = [
        f"## Listing {users:,} people",
        "",
        *versions.lines(),
        f"- Median of {repeats} runs, taken in turn; “≈” is drawn out from two smaller sizes.",
        "",
        f"| for {users:,} people | user CPU, s | user CPU of the runs | user + system CPU, s | peak memory, MB "
        "| people per second | user CPU ÷ rollcall’s | CPU ÷ validate only | same people, same fields |",
        "|---|--:|---|--:|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        if row.absent_because:
            lines.append(f"| {row.peer.title} | not yet measured: {row.absent_because} | | | | | | | |")
            continue
        cost, spread = costs[row.peer.key], row.spread(users)
        about = "" if spread else "≈ "
        cells = [
            row.peer.title,
            about + _seconds(cost.user),
            f"{_seconds(spread[0])}–{_seconds(spread[1])}" if spread else _sample(row),
            about + _seconds(cost.cpu),
            f"{cost.peak_megabytes:.0f}",
            about + _rounded(users / cost.wall),
            f"{_ratio(cost.user, own.user)}" if own else "",
            f"{_ratio(cost.cpu, floor.cpu)}" if floor else "",
            _verdict(row),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_goals(costs, own), *_notes(rows)])


def _goals(costs, own):
    for key, times in GOALS.items():
        if key not in costs:
            continue
        allowed = costs[key].user / times
        if own is None:
            state = "not yet measured"
        else:
            factor = costs[key].user / own.user
            state = f"{'met' if factor >= times else '**not met**'}: {factor:,.1f} times"
        yield f"- Goal: {times} times less user CPU than {key} (at most {allowed:.3f} s): {state}."


def _notes(rows):
    for row in rows:
        beyond = (row.check or {}).get("fields_beyond_the_job")
        if beyond:
            yield f"- {row.peer.key} gives more than the job asks: {', '.join(beyond)}."


def is_right(rows):
    """Whether everyone measured listed the same people, with the same fields."""
    return all(row.check["same"] for row in rows if row.check)


def _verdict(row):
    if row.check is None:
        return "–"
    if not row.check["same"]:
        return f"**no**: {(row.check.get('example') or {}).get('field', 'other people')}"
    return "yes" if row.peer.has_remote_data else "yes, without remote_data"


def _sample(row):
    return f"from {' and '.join(f'{size:,}' for size in sorted(row.runs))}"


def memory(costs, users, rounds):
    lines = [
        f"## Memory at {users:,} and {users * rounds:,} people",
        "",
        *versions.lines(),
        "- One run each, all people distinct.",
        "",
        f"| | peak MB, {users:,} | peak MB, {users * rounds:,} | growth | user CPU, s, {users * rounds:,} |",
        "|---|--:|--:|--:|--:|",
    ]
    for peer, pair in costs.items():
        if pair is None:
            lines.append(f"| {peer.title} | not yet measured: {peer.absent_because()} | | | |")
            continue
        small, large = pair
        growth = large.peak_megabytes / small.peak_megabytes
        lines.append(
            f"| {peer.title} | {small.peak_megabytes:.1f} | {large.peak_megabytes:.1f} | × {growth:.2f} "
            f"| {_seconds(large.user)} |"
        )
    return "\n".join(lines)


def _seconds(value):
    return f"{value:.3f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _rounded(value):
    return f"{float(f'{value:.2g}'):,.0f}"


def _ratio(value, of):
    return f"{value / of:.2f}" if value < 3 * of else f"{float(f'{value / of:.3g}'):,g}"
