"""Format messages as cells of a notebook, with notes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cocalc_magic.from_curl.request_body import LocalFile
from cocalc_magic.syntax.format import LONGEST_LINE, format_json, format_value

if TYPE_CHECKING:
    from cocalc_magic.from_curl.messages import Interpretation
    from cocalc_magic.from_curl.references import Reference, References


def format_cell(result: Interpretation, references: References, *, server: str = "") -> str:
    """Return the source of the cell that sends a message, to a server if one is given."""
    named = {"--server": server, "--timeout": result.timeout, "-o": result.into}
    flags = [f"{flag} {value}" for flag, value in named.items() if value]
    if isinstance(result.payload, LocalFile):
        path = json.dumps(result.payload.path)
        load = f"import json, pathlib\npayload = json.loads(pathlib.Path({path}).read_text('utf-8'))\n"
        return load + " ".join(["%cocalc", result.words, "${payload}", *flags])
    if result.payload:
        return " ".join(["%cocalc", result.words, f"${{{result.payload.expression}}}", *flags])
    items = [_item(name, value, references) for name, value in result.options.items()]
    line = " ".join(["%cocalc", result.words, *(item for item in items if item), *flags])
    if None not in items and len(line) <= LONGEST_LINE:
        return line
    files = {name: value for name, value in result.options.items() if isinstance(value, LocalFile)}
    rest = {name: value for name, value in result.options.items() if name not in files}
    head = " ".join(
        ["%%cocalc", result.words, *(f"{name}={_file(file)}" for name, file in files.items()), *flags]
    )
    return f"{head}\n{references.expanded(format_json(rest))}"


def _item(name: str, value: Any, references: References) -> str | None:
    """Return an item of the line; `None` for what no line can hold."""
    if isinstance(value, LocalFile):
        return f"{name}{':=' if name == 'body' else '='}{_file(value)}"
    if not isinstance(value, str):
        return f"{name}:={references.expanded(format_value(value))}"
    if not value.isprintable():
        return None
    if reference := references.alone(value):
        return f"{name}={_alone(reference)}"
    if references.inside(value):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
        return f'{name}="{references.expanded(escaped)}"'
    return f"{name}={format_value(value)}"


def _file(file: LocalFile) -> str:
    return f"@{format_value(file.path)}"


def _alone(reference: Reference) -> str:
    expression = reference.expression
    return f"${expression}" if expression.isidentifier() else f"${{{expression}}}"


def notes_on(references: References, cells: list[str]) -> list[str]:
    """Return notes on the values that the cells need before they can run."""
    text = "\n".join(cells)
    used = [
        reference
        for reference in references.entries
        if f"${{{reference.expression}}}" in text or _alone(reference) in text
    ]
    notes = []
    for reference in used:
        name = reference.expression
        if reference.secret:
            notes.append(f"What is secret is not written out again: set it first, {name} = getpass.getpass()")
        elif reference.required:
            source = reference.source if len(reference.source) <= 60 else f"{reference.source[:60]}…"
            notes.append(f"Only the shell knows {source}: set it first, {name} = …")
    return notes
