"""Writes the compiled twins of the catalog's files: ``python -m cocalc_magic.catalog``."""

from __future__ import annotations

import json
import pathlib
import sys

import yaml

from cocalc_magic.catalog import FILES

HERE = pathlib.Path(__file__).parent


def compile_catalog(name: str) -> str:
    """The text of the twin that belongs to this file as it stands now."""
    source = (HERE / f"{name}.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(source)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    for name in FILES:
        (HERE / f"{name}.json").write_text(compile_catalog(name), encoding="utf-8")
        sys.stdout.write(f"wrote {name}.json\n")
