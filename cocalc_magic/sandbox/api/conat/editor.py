"""`project:editor.*`: what editors ask a project to do with files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import files
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import stringify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

MAX_SHOWN = 10  # characters of a text that is not JSON, in the words of JavaScript


def new_file(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Make an empty file, unless there is one; a project of the sandbox has no templates."""
    path = options.get("path")
    if not path:
        return
    try:
        files.content_id(world, project_id, path)
    except Failed:
        files.write_text(world, project_id, path, "")


def jupyter_strip_notebook(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return a notebook without outputs and attachments, as text."""
    notebook = _parsed(files.read_text(world, project_id, options.get("path_ipynb")))
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    for cell in cells or ():
        if cell.get("outputs") is not None:
            cell["outputs"] = []
        if cell.get("attachments") is not None:
            del cell["attachments"]
    return stringify(notebook)


def jupyter_kernels(world: World, _project_id: str, _options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the kernels that code can run in."""
    return world.kernels.list()


def _parsed(text: str) -> Any:
    """Parse JSON. Raises `Failed` in the words of JavaScript."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        start = text.lstrip()
        if not start:
            raise Thrown("Unexpected end of JSON input", kind="SyntaxError") from None
        shown = start if len(start) <= MAX_SHOWN else f"{start[:MAX_SHOWN]}..."
        problem = f"Unexpected token '{start[0]}', {shown!r} is not valid JSON"
        raise Thrown(problem, kind="SyntaxError") from None
