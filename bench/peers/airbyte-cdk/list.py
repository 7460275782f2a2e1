"""Runs the low-code manifest with airbyte-cdk's own command.

usage: list.py BASE_URL [--add-fields-only] > messages.ndjson

--add-fields-only leaves out two parts of the job, as a lower bound for what the mapping alone costs: `remote_data`,
and putting the unified record in the native one's place (it stays under `unified`).
"""

import json
import pathlib
import sys
import tempfile

import yaml
from airbyte_cdk.cli.source_declarative_manifest._run import handle_command

CATALOG = {
    "streams": [
        {
            "stream": {
                "name": "users",
                "json_schema": {"type": "object"},
                "supported_sync_modes": ["full_refresh"],
            },
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
    ]
}

manifest = yaml.safe_load(pathlib.Path(__file__).with_name("manifest.yaml").read_text())
if "--add-fields-only" in sys.argv:
    add, _replace = manifest["streams"][0]["transformations"]
    add["fields"] = [field for field in add["fields"] if field["path"] != ["unified", "remote_data"]]
    manifest["streams"][0]["transformations"] = [add]

with tempfile.TemporaryDirectory() as folder:
    paths = {}
    for name, content in (
        ("config", {"base_url": sys.argv[1]}),
        ("catalog", CATALOG),
        ("manifest", manifest),
    ):
        paths[name] = pathlib.Path(folder, f"{name}.yaml" if name == "manifest" else f"{name}.json")
        # JSON is YAML too.
        paths[name].write_text(json.dumps(content))
    handle_command(
        ["read", "--config", str(paths["config"]), "--catalog", str(paths["catalog"])]
        + ["--manifest-path", str(paths["manifest"])]
    )
