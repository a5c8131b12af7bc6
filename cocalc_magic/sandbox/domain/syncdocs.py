"""Messages about files that are edited together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.world import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import Caller, World


def get_syncdoc_history(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of a file in the order of time: the text of each with ``patches``, else its length.

    Nobody edits in a sandbox but clients that write such changes through ``query`` themselves.
    """
    string_id = as_text(options["string_id"])
    doc = world.store.get("syncstrings", string_id)
    words = f"unable to get syncdoc history for string_id {string_id} --"
    if doc is None:
        raise Failed(f"{words} no such syncdoc")
    if not access.may_use(world, caller, doc["project_id"]):
        raise Failed(f"{words} must have write access")
    found = world.store.select("patches", [("string_id", "=", string_id)], order=("time",))
    return {"history": [_shown(row, bool(options["patches"])) for row in found]}


def _shown(row: Row, with_patch: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"time_utc": iso(row["time"]), "format": row["format"]}
    if not with_patch:
        return {**entry, "patch_length": len(row["patch"] or "")}
    snapshot = {} if row["snapshot"] is None else {"snapshot": row["snapshot"]}
    return {**entry, "patch": row["patch"], **snapshot}
