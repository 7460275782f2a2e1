"""Judges an OpenAPI document: `judge.py DOCUMENT FOLDER`. Exits with 1 and says why when something is wrong with it."""

import compileall
import importlib
import json
import pathlib
import shutil
import subprocess
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator import validate as validate_document

METHODS = ("get", "post", "put", "patch", "delete")


def schemas(node, place=""):
    """Every schema of the document with its place."""
    if isinstance(node, dict):
        for name, member in node.items():
            here = f"{place}/{name}"
            if name in ("schema", "contentSchema"):
                yield here, member
            elif place.endswith("/components") and name == "schemas":
                yield from ((f"{here}/{key}", schema) for key, schema in member.items())
                continue
            if name not in ("example", "examples"):
                yield from schemas(member, here)
    elif isinstance(node, list):
        for index, member in enumerate(node):
            yield from schemas(member, f"{place}/{index}")


def dialect(document):
    """Each schema is one of JSON Schema 2020-12, and its references lead somewhere."""
    count = 0
    for place, schema in schemas(document):
        Draft202012Validator.check_schema(schema)
        count += 1
        for reference in references(schema):
            node = document
            for step in reference.removeprefix("#/").split("/"):
                if step not in node:
                    raise SystemExit(f"{place}: {reference} leads nowhere")
                node = node[step]
    if count < 200:
        raise SystemExit(f"only {count} schemas were found")


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for member in node.values():
            yield from references(member)
    elif isinstance(node, list):
        for member in node:
            yield from references(member)


def client(document, source, folder):
    """A generator makes a client of it, which compiles, has every operation, and writes a list call as it must be."""
    made = folder / "made" / "rollcall_client"
    shutil.rmtree(made.parent, ignore_errors=True)
    made.parent.mkdir(parents=True)
    config = folder / "config.yml"
    config.write_text("post_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(source), "--output-path", str(made)]
    done = subprocess.run([*command, "--meta", "none", "--config", str(config)], capture_output=True, text=True)
    if done.returncode or "ERROR" in done.stdout or "Unable to" in done.stdout:
        raise SystemExit(f"no client could be made:\n{done.stdout}{done.stderr}")
    if not compileall.compile_dir(made, quiet=2):
        raise SystemExit("the client that was made does not compile")
    wanted = {operation["operationId"] for path in document["paths"].values() for verb, operation in path.items() if verb in METHODS}
    there = {file.stem for file in (made / "api").rglob("*.py")}
    if wanted - there:
        raise SystemExit(f"the client lacks {sorted(wanted - there)}\n{done.stdout}")
    sys.path.insert(0, str(made.parent))
    call = importlib.import_module("rollcall_client.api.unified.list_users")
    models = importlib.import_module("rollcall_client.models")
    written = call._get_kwargs(integrated_account_id="a1", created_at=models.DateFilter(gte="2026-01-01"))
    if written["method"] != "get" or written["url"] != "/unified/user-directory/users" or "limit" in written["params"]:
        raise SystemExit(f"the client asks otherwise: {written}")
    page = document["paths"]["/unified/user-directory/users"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    read = models.UsersPage.from_dict(page)
    if read.result[0].name != page["result"][0]["name"] or read.next_cursor != page["next_cursor"]:
        raise SystemExit(f"the client reads otherwise: {read}")


def main():
    source, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    document = json.loads(source.read_text())
    validate_document(document, cls=OpenAPIV31SpecValidator)
    dialect(document)
    client(document, source, folder)


if __name__ == "__main__":
    main()
