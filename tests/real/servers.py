"""Starts and stops the real products, each with the scripts of its folder."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

START_SECONDS = 1800
"""A first start installs the product."""


class NotStarted(Exception):
    """The product did not come up; the text says why."""


class Servers:
    """The products' scripts, copied to where they may write."""

    def __init__(self, source: Path, home: Path):
        self.source = source
        self.home = home
        self.scripts = home / "_scripts"

    def copy_scripts(self) -> None:
        """The scripts write beside themselves, so they run from a copy. What they wrote about a running product is kept."""
        for path in sorted(self.source.rglob("*")):
            copy = self.scripts / path.relative_to(self.source)
            if path.is_file() and path.name != "truth.json":
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.unlink(missing_ok=True)
                shutil.copyfile(path, copy)
                copy.chmod(path.stat().st_mode | 0o200)

    def has(self, product: str) -> bool:
        return (self.source / product / "up.sh").is_file()

    def installed(self, product: str) -> bool:
        return (self.home / product / "ready.json").is_file()

    def running(self, product: str) -> bool:
        return any(alive(file) for file in (self.home / product / "run").glob("*.pid"))

    def start(self, product: str) -> tuple[dict, object]:
        """What the product says of itself (addresses, credentials), and the truth of who is in it."""
        log = self.home / product / "log"
        log.mkdir(parents=True, exist_ok=True)
        with open(log / "up.log", "wb") as out:
            # Its servers keep the file open, so nothing waits for them. Own session: an interrupt here leaves stopping to us.
            up = subprocess.Popen([self.scripts / product / "up.sh"], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.environment(), start_new_session=True)
            try:
                code = up.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(up.pid, signal.SIGTERM)
                raise NotStarted(f"not ready after {START_SECONDS} s; see {log / 'up.log'}") from None
        if code != 0:
            said = (log / "up.log").read_text(errors="replace").strip().splitlines()
            raise NotStarted((said[-1] if said else f"its script ended with {code}") + f"; see {log / 'up.log'}")
        ready = json.loads((self.home / product / "ready.json").read_text())
        truth = json.loads((self.scripts / product / "truth.json").read_text())
        return ready, truth

    def stop(self, product: str) -> None:
        subprocess.run([self.scripts / product / "down.sh"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment(), timeout=120, check=False)

    def version(self, product: str, package: dict[str, str]) -> str:
        """The version that is installed, as the packager tells it; Debian's own revision is left out."""
        [(kind, name)] = package.items()
        place = self.home / product
        match kind:
            case "python":
                [found] = place.glob(f"venv/lib/python3*/site-packages/{name}-*.dist-info")
                return found.name.removeprefix(f"{name}-").removesuffix(".dist-info")
            case "node":
                return json.loads((place / "npm" / "node_modules" / name / "package.json").read_text())["version"]
            case "debian":
                shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=True).stdout
                return shown.split(":")[-1].split("-")[0].split("+")[0]
            case other:
                raise ValueError(f"no packager is called `{other}`")

    def environment(self) -> dict[str, str]:
        return {**os.environ, "REAL_SERVERS_HOME": str(self.home)}


def alive(file: Path) -> bool:
    try:
        os.kill(int(file.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True
