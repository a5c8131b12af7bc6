"""What a project does itself: commands, files and kernels, where it differs from projects of before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.ai.exec import run
from cocalc_magic.sandbox.domain import files, project_files
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true, stringify
from cocalc_magic.sandbox.runtime.processes import MAX_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World


def exec(world: World, project_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command, or start or look up one in the background; `cwd` takes precedence over `path`."""
    where = {"path": options["cwd"]} if is_true(options.get("cwd")) else {}
    return run(world, project_id, {**options, **where}, MAX_TIME)


def listing(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a folder; folders have `isDir`."""
    entries = project_files.listing(world, project_id, options)
    return [
        {"isDir" if name == "isdir" else name: value for name, value in entry.items()} for entry in entries
    ]


def kernels(world: World, _project_id: str, _options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the kernels that code can run in."""
    return world.kernels.list()


def kernel_logo(world: World, _project_id: str, options: Mapping[str, Any]) -> Any:
    """Fail: a sandbox has no pictures of kernels."""
    name = as_text(options.get("kernel"))
    if name not in {kernel["name"] for kernel in world.kernels.list()}:
        raise Thrown(f"no such kernel '{name}'")
    raise Thrown("not answered by the sandbox: 'jupyter.kernelLogo'")


def strip_notebook(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return a notebook without outputs and attachments, as text."""
    text = files.read_text(world, project_id, options.get("path"))
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise Thrown(f"{as_text(options.get('path'))} is not a notebook", kind="SyntaxError") from None
    for cell in notebook.get("cells", ()) if isinstance(notebook, dict) else ():
        if cell.get("outputs") is not None:
            cell["outputs"] = []
        cell.pop("attachments", None)
    return stringify(notebook)


def read_rootfs_build_log(_world: World, _project_id: str, options: Mapping[str, Any]) -> Any:
    """Fail: no images are built in a sandbox."""
    if not as_text(options.get("build_id") or "").replace("-", "").isalnum():
        raise Thrown("invalid build_id")
    raise Thrown("not answered by the sandbox: 'system.readRootfsBuildLog'")
