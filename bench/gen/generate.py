#!/usr/bin/env python3
"""Writes the people the mock provider serves. The same arguments always give the same bytes.

    generate.py --out DIR [--users 100000] [--shapes okta,slack,gitlab,google]

Each shape becomes a folder: one `<list>.records` for each of its lists, the records as the provider would write
them, each followed by a record separator (0x1E, which JSON text cannot hold); and `truth.json`, what any correct
listing has to find.
"""

import argparse
import contextlib
import hashlib
import json
import pathlib

import gitlab
import google
import okta
import slack
from people import Draw

SHAPES = {"okta": okta, "slack": slack, "gitlab": gitlab, "google": google}
# Raised whenever the bytes change, so that old data is not measured by mistake.
DATA_VERSION = 1
SEPARATOR = b"\x1e"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    arguments = parser.parse_args()
    for shape in arguments.shapes.split(","):
        if is_current(arguments.out / shape, arguments.users):
            continue
        truth = write(shape, arguments.out / shape, arguments.users)
        print(f"{shape}: {truth['users']} people, {truth['bytes'] // truth['users']} bytes each")


def is_current(folder, users):
    with contextlib.suppress(OSError, ValueError):
        truth = json.loads((folder / "truth.json").read_text())
        return (truth["data_version"], truth["users"]) == (DATA_VERSION, users)
    return False


def write(shape, folder, users):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "truth.json").unlink(missing_ok=True)
    module, draw, ids = SHAPES[shape], Draw(f"{shape} {DATA_VERSION}"), []
    counts = dict.fromkeys(module.LISTS, 0)
    size = 0
    with contextlib.ExitStack() as stack:
        files = {name: stack.enter_context(open(folder / f"{name}.records", "wb")) for name in module.LISTS}
        for number in range(users):
            list_name, user_id, record = module.record(draw, number)
            data = encode(shape, record)
            size += len(data)
            counts[list_name] += 1
            ids.append(user_id)
            files[list_name].write(data + SEPARATOR)
    if len(set(ids)) != users:
        raise SystemExit(f"{shape}: an id was drawn twice")
    truth = {
        "data_version": DATA_VERSION,
        "users": users,
        "bytes": size,
        "lists": counts,
        "ids_sha256": hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest(),
    }
    # Written last: its presence says that the data is whole.
    (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n")
    return truth


def encode(shape, record):
    if shape == "google":
        return json.dumps(record, ensure_ascii=False, indent=2).replace("\n", "\n    ").encode()
    if shape == "slack":
        return json.dumps(record, separators=(",", ":")).replace("/", "\\/").encode()
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


if __name__ == "__main__":
    main()
