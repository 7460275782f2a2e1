#!/usr/bin/env python3
"""Holds what a peer wrote against the people that were generated.

    check.py --data DIR --output FILE [--record-at PATH] [--without-remote-data]     every field of every person
    check.py --data DIR --output FILE [--record-at PATH] --ids-only --rounds N       who is listed, and nothing else

What is expected is mapped from the generated records by the hand-written Python mapping; every other mapping is
written independently of it. Compared as meant, not as written: order of people and members, absent against null or
empty, and the two ways to write a time in UTC are no differences. `remote_data` has to equal the provider's record.

Prints one JSON object. Runs with the Python peers' packages, as a process of its own: its memory would otherwise be
part of what is measured.
"""

import argparse
import datetime
import json
import pathlib
import sys

import orjson

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peers/python"))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "gen"))
from people import ROUND_MARK  # noqa: E402
from unify import unify  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--record-at", default=".")
    parser.add_argument("--without-remote-data", action="store_true")
    parser.add_argument("--ids-only", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    lines = read_output(arguments.output, arguments.record_at)
    if arguments.ids_only:
        report = check_ids(read_data(arguments.data), lines, arguments.rounds)
    else:
        report = check_records(read_data(arguments.data), lines, not arguments.without_remote_data)
    report["same"] = not any(report[name] for name in ("missing", "invented", "repeated", "different"))
    print(json.dumps(report, ensure_ascii=False))


def read_data(folder):
    for path in sorted(folder.glob("okta/*.records")):
        for record in path.read_bytes().split(b"\x1e")[:-1]:
            yield orjson.loads(record)


def read_output(path, record_at):
    members = [member for member in record_at.split(".") if member]
    with path.open("rb") as file:
        for line in file:
            record = orjson.loads(line)
            for member in members:
                record = record.get(member) if isinstance(record, dict) else None
            if record is not None:
                yield record


def check_ids(people, records, rounds):
    expected = set()
    for person in people:
        for number in range(rounds):
            expected.add(person["id"].replace(ROUND_MARK, f"{ROUND_MARK[0]}{number:06d}{ROUND_MARK[-1]}"))
    seen, repeated, count = set(), 0, 0
    for record in records:
        count += 1
        repeated += record["id"] in seen
        seen.add(record["id"])
    return {
        "records": count,
        "missing": len(expected - seen),
        "invented": len(seen - expected),
        "repeated": repeated,
        "different": 0,
    }


def check_records(people, records, with_remote_data):
    expected = {person["id"]: person for person in people}
    fields = set(unify(next(iter(expected.values())))) - {"remote_data"}
    seen, repeated, invented, different, count = set(), 0, 0, 0, 0
    beyond, example = set(), None
    for record in records:
        count += 1
        person = expected.get(record["id"])
        if person is None:
            invented += 1
            continue
        repeated += record["id"] in seen
        seen.add(record["id"])
        beyond |= record.keys() - fields - {"remote_data"}
        difference = compare(person, record, fields, with_remote_data)
        different += difference is not None
        example = example or difference
    return {
        "records": count,
        "missing": len(expected) - len(seen),
        "invented": invented,
        "repeated": repeated,
        "different": different,
        "fields_beyond_the_job": sorted(beyond),
        "example": example,
    }


def compare(person, record, fields, with_remote_data):
    """The first field that differs, with both values; None when all are equal."""
    wanted = unify(person)
    for field in sorted(fields):
        expected, got = meant(field, wanted[field]), meant(field, record.get(field))
        if not is_same(expected, got):
            return {"id": record["id"], "field": field, "expected": expected, "got": got}
    if with_remote_data and not is_same(person, record.get("remote_data")):
        return {"id": record["id"], "field": "remote_data", "expected": person, "got": record.get("remote_data")}
    return None


def is_same(one, other):
    """Equal as JSON. Python's own equality would take `1` for `true`."""
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)


def meant(field, value):
    if isinstance(value, dict):
        pairs = ((name, meant(name, member)) for name, member in value.items())
        return {name: member for name, member in pairs if member is not None} or None
    if isinstance(value, list):
        return [item for item in (meant("", item) for item in value) if item is not None] or None
    if isinstance(value, str):
        if field.endswith("_at") and value:
            return datetime.datetime.fromisoformat(value).astimezone(datetime.timezone.utc).isoformat()
        return value or None
    return value


if __name__ == "__main__":
    main()
