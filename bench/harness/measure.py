"""Runs one peer once, as a whole process, and keeps what it cost and what it wrote."""

import json
import pathlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from .places import MEASURE, OUT, Stop

# A listing of 100,000 people is about 230 MB; of a million ten times that.
ROOM_NEEDED = 4 * 1024**3


@dataclass(frozen=True)
class Cost:
    user: float
    system: float
    wall: float
    peak_megabytes: float

    @property
    def cpu(self):
        return self.user + self.system


def scratch_folder():
    """A folder for the peers' output, in memory where there is room, so that no disk is measured."""
    memory = pathlib.Path("/dev/shm")
    parent = memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM_NEEDED else OUT
    return tempfile.TemporaryDirectory(prefix="rollcall-bench-", dir=parent)


def run(peer, base, scratch):
    """Returns the cost; the output is left in `output_of(peer, scratch)`."""
    report, output, errors = (pathlib.Path(scratch, f"{peer.key}.{end}") for end in ("cost", "out", "err"))
    command = [str(part).replace("{base}", base) for part in peer.command]
    with output.open("wb") as out, errors.open("wb") as err:
        done = subprocess.run([MEASURE, report, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
    if done.returncode:
        raise Stop(f"{peer.key} failed with {done.returncode}:\n{errors.read_text(errors='replace')[-2000:]}")
    costs = json.loads(report.read_text())
    return Cost(
        user=costs["user_seconds"],
        system=costs["system_seconds"],
        wall=costs["wall_seconds"],
        peak_megabytes=costs["peak_kilobytes"] / 1024,
    )


def output_of(peer, scratch):
    return pathlib.Path(scratch, f"{peer.key}.out")
