"""Makes everything a run needs: programs, the peers' packages, data. What is there and current is left alone."""

import os
import sys

from .places import BENCH, OUT, VENV, call

# The venv of a peer, and the file that pins what is in it.
VENVS = {
    "python": "peers/python/requirements.txt",
    "airbyte-cdk": "peers/airbyte-cdk/requirements.txt",
    "singer-sdk": "peers/singer-sdk/requirements.txt",
}


def build_programs():
    _cargo("build")


def test_programs():
    _cargo("test")


def _cargo(what):
    environment = os.environ | {"CARGO_TARGET_DIR": str(OUT / "target")}
    for crate in ("mock", "limits", "load"):
        call("cargo", what, "--release", "--locked", "--quiet", cwd=BENCH / crate, env=environment)


def install(needs):
    """`needs`: names of VENVS, and `npm`."""
    for name in sorted(set(needs)):
        if name == "npm":
            install_marked(BENCH / "package.json", BENCH / "node_modules", _npm)
        else:
            install_marked(BENCH / VENVS[name], VENV / name, _pip)


def install_marked(pins, folder, installer):
    """Installs again whenever the pins are no longer those that were installed."""
    mark = folder / ".installed"
    wanted = pins.read_text()
    if mark.is_file() and mark.read_text() == wanted:
        return
    print(f"installing {pins.relative_to(BENCH)}", file=sys.stderr)
    installer(pins, folder)
    mark.write_text(wanted)


def _pip(pins, folder):
    call(sys.executable, "-m", "venv", "--clear", folder)
    call(folder / "bin/python", "-m", "pip", "install", "--quiet", "--requirement", pins)


def _npm(pins, folder):
    call("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error", cwd=pins.parent)


def generate(users, shapes=("okta",)):
    """The folder with the data of so many people."""
    folder = OUT / f"data-{users}"
    call(sys.executable, BENCH / "gen/generate.py", "--out", folder, "--users", users, "--shapes", ",".join(shapes))
    return folder
