"""Files that people mark: nothing is kept of them, as on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def add(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Report that files are marked now, or are not any more: nothing is kept, as on real servers."""
    if problem := _unknown_type(options):
        return problem
    return {"status": "success"} | _echoed(options)


def get(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the marked files: none."""
    if problem := _unknown_type(options):
        return _echoed(options) | problem
    return {**_echoed(options), "stars": [], "status": "success"}


def _echoed(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("project_id", "type") if name in options}


def _unknown_type(options: Mapping[str, Any]) -> dict[str, Any]:
    kind = options.get("type")
    if kind == "starred-files":
        return {}
    shown = as_text(kind) if "type" in options else "undefined"
    return {"status": "error", "error": f"cannot handle type '{shown}'"}
