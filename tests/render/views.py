"""Every kind of view with one value in all of its texts at once: kinds × values are all there is to show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cocalc_magic import render
from cocalc_magic.render import Rendered
from cocalc_magic.render.blocks import (
    Block,
    Board,
    BoardRow,
    Card,
    Cards,
    Cell,
    Column,
    Done,
    Facts,
    Heading,
    Humanized,
    Link,
    Node,
    Note,
    Picture,
    Pre,
    Prose,
    Table,
    Terms,
    Title,
    Tree,
    Verdict,
)
from cocalc_magic.response import Request
from tests.render.responses import PROJECT, answered, command_output, file, folder, found, ran, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Response

DISPLAYED = (
    "text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml", "x/y",
)  # fmt: skip


def texts(value: object) -> tuple[Block, ...]:
    """Every kind of block, so that pages of ours (help, history, keys, status) are covered by their parts."""
    text = str(value)
    node = Node(text, text, "text", (Node(text, text, "word"),), 3)
    return (
        Heading(text, text, text, False, True, (text, "12 ms"), ((text, Humanized(text, text)),)),
        Title(text, text),
        Verdict(text, text),
        Done((text, text, text, Humanized(text, text), text, Link(text, text, text))),
        Facts(((text, text), ("said", Humanized(text, text)), ("link", Link(text, text)))),
        Pre(text, text, "warning", 7, text, "ansi"),
        *(Pre(text, language=name) for name in ("", "python", "html", text)),
        Table((Column(text), Column("n", True)), ((text, Humanized(text, text)),), 2, 2),
        Tree((node,), 1),
        Note(text),
        Prose(
            (text[:300], text[:300], "", Link(text[:300], "https://cocalc.ai"))
        ),  # paragraphs of ours are short
        Terms(((text, text, text),), text),
        Cards((Card(text, text, ((text, text),)),)),
        Picture("image/png", "AAAA", text),
    )


def notebook(value: object) -> str:
    cells = [
        {"cell_type": "markdown", "source": [str(value)]},
        {"cell_type": "code", "source": value, "outputs": [{"data": {"text/html": value}}, value]},
    ]
    return json.dumps({"cells": [*cells, value]}, default=str)


def _kept(path: str, text: str) -> Response:
    return file(text, path=f"{text}/{path}")


RESPONSES: dict[str, Callable[[Any], Response]] = {
    "pong": lambda value: answered(
        {"event": "pong", "now": value}, server=str(value), options={"project_id": value}, route=str(value),
        lost=(str(value),), sent=(Request(str(value), {str(value): value}), Request("upload", {"path": value})),
    ),
    "any": lambda value: answered({"event": value, "leaf": value, str(value): [{str(value): value}]}, str(value)),
    "bare": lambda value: answered(value),
    "command": lambda value: command_output(value, value, value, status=value, job_id=value),
    "records": lambda value: found([{"name": value, str(value): [value]}, {"name": value, "other": {"name": value}}]),
    "projects": lambda value: found(
        [{"project_id": PROJECT, "title": str(value), "created": value, str(value): value}], address=str(value)
    ),
    "users": lambda value: found([{"account_id": str(value), "first_name": str(value), "last_name": str(value)}]),
    "folder": lambda value: folder([{"name": value, "size": value, "mtime": value, "isdir": value}] * 2),
    "text": lambda value: _kept("x.txt", str(value)),
    "code": lambda value: _kept("x.py", str(value)),
    "csv": lambda value: _kept("x.csv", f"{value},b\n1,{value}\n{value}\n"),
    "svg": lambda value: _kept("x.svg", str(value)),
    "markdown": lambda value: _kept("x.md", str(value)),
    "html": lambda value: _kept("x.html", str(value)),
    "notebook": lambda value: file(notebook(value), path="x.ipynb"),
    "jupyter": lambda value: ran(
        {"name": value, "text": [value, "\n"]},
        {"ename": value, "evalue": value, "traceback": [value]},
        {"ename": value, "evalue": value},
        *({"data": {kind: value}} for kind in DISPLAYED),
        {"data": {"image/png": "AAAA", "text/plain": value}},
        value,
        total_time_s=value,
    ),
    "refused": lambda value: refused(value, status=400),
    "failed": lambda value: answered({"reason": {str(value): value}}, ok=False),
}  # fmt: skip


def all_blocks(value: Any) -> dict[str, tuple[Block, ...]]:
    """What a reader sees first of each kind; frames once for each way in which one is made."""
    shown = {"texts": texts(value)}
    for name, make in RESPONSES.items():
        response = make(value)
        shown[name] = Rendered(response).blocks
        if name == "notebook" and (rendered := Rendered(response).file_blocks):
            shown[f"{name}/rendered"] = rendered
    return shown


def other_blocks(value: Any) -> dict[str, tuple[Block, ...]]:
    """What stands in the other tabs, of those whose message had the value in all its places."""
    shown: dict[str, tuple[Block, ...]] = {}
    text = str(value)
    for name in ("pong", "any", "text"):
        response = RESPONSES[name](value)
        shown[f"{name}/json"] = render.json_blocks(response)
        shown[f"{name}/request"] = render.request_blocks(response)
        shown[f"{name}/code"] = render.code_blocks(response)
    cells = (Cell(text, "good"), Cell(text, "error"))
    shown["board"] = (Board((text, text), (BoardRow(text, cells, (text,)),), text, text),)
    return shown
