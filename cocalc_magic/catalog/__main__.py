"""Compile the catalog: `python -m cocalc_magic.catalog`.

Writes the JSON of each file, and the types of the client's methods.
"""

from __future__ import annotations

import json
import pathlib
import sys

import yaml

from cocalc_magic.catalog import FILES
from cocalc_magic.catalog.stub import events_stub

HERE = pathlib.Path(__file__).parent
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML has it
STUB = HERE.parent / "client" / "event_methods.pyi"


def compile_catalog(name: str) -> str:
    """Return the JSON of a catalog file as it is now."""
    source = (HERE / f"{name}.yaml").read_text(encoding="utf-8")
    document = yaml.load(source, LOADER)  # noqa: S506 - both are safe
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    for name in FILES:
        (HERE / f"{name}.json").write_text(compile_catalog(name), encoding="utf-8")
        sys.stdout.write(f"wrote {name}.json\n")
    STUB.write_text(events_stub(), encoding="utf-8")
    sys.stdout.write(f"wrote {STUB.name}\n")
