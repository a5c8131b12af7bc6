"""Files of projects: copied from one into another, and out of the web."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access, copies
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_FORMS = ("github/", "gist/")
_HOW = {"overwrite_newer": False, "delete_missing": False, "backup": False, "exclude": None}


def check_copy(options: Mapping[str, Any]) -> None:
    """Raise `Failed` for a copy that does not say from where, or to where."""
    if options.get("path") is None:
        raise Thrown("path must be specified")
    for name in ("src_project_id", "target_project_id"):
        if not access.is_uuid(options.get(name)):
            raise Thrown(f"{name} must be a valid uuid")


def copy_path(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a file or folder; what was skipped because it cannot be copied stands beside."""
    source, target = options["src_project_id"].lower(), options["target_project_id"].lower()
    how = {"src_path": options["path"], "target_path": options.get("target_path"), **_HOW}
    skipped = copies.copy(world, caller, source, target, how)
    return {"status": "ok", **({"skipped": skipped} if skipped else {})}


def check_url(options: Mapping[str, Any]) -> None:
    """Raise `Failed` for a copy from the web that does not say from where, or into which project."""
    if not is_true(options.get("url")):
        raise Thrown("url must be specified")
    if not access.is_uuid(options.get("project_id")):
        raise Thrown("project_id must be a valid uuid")


def copy_url(_world: World, _caller: Caller, options: Mapping[str, Any]) -> None:
    """Fail: a sandbox fetches nothing; the server takes what is hosted on GitHub."""
    url = as_text(options["url"])
    if url.startswith(_FORMS):
        raise Thrown("not answered by the sandbox: it fetches nothing from elsewhere")
    raise Thrown(f'unsupported proxy url schema -- "{url}" -- url must be hosted on GitHub')
