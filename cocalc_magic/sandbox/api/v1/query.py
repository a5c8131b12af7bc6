"""Messages that read and write tables: queries, histories of files that are edited together, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import query as tables
from cocalc_magic.sandbox.domain import site
from cocalc_magic.sandbox.domain.access import may_use
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.store import iso, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World


def query(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result in the shape of the query, and `options` and `changes` as they were sent."""
    message_id = new_id() if options["id"] is None else options["id"]
    feed = message_id if is_true(options["changes"]) else None
    result = tables.query(world, caller, options["query"], options["options"], feed)
    echoed = {name: options[name] for name in ("options", "changes") if options[name] is not None}
    return {"query": result, "multi_response": options["multi_response"], **echoed}


def get_syncdoc_history(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of a file by time, each with its text (`patches`) or the length of the text.

    A sandbox has no editor: the changes are those that clients have written by queries.
    """
    string_id = as_text(options["string_id"])
    document = world.store.get("syncstrings", string_id)
    refusal = f"unable to get syncdoc history for string_id {string_id} --"
    if document is None:
        raise Failed(f"{refusal} no such syncdoc")
    if not may_use(world, caller, document["project_id"]):
        raise Failed(f"{refusal} must have write access")
    patches = world.store.select("patches", [("string_id", "=", string_id)], order=("time",))
    return {"history": [_shown(row, is_true(options["patches"])) for row in patches]}


def log_client_error(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Store the report of an error."""
    site.log_client_error(world, caller.account_id, options["error"])
    return {}


def _shown(row: Row, with_patch: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"time_utc": iso(row["time"]), "format": row["format"]}
    if not with_patch:
        return {**entry, "patch_length": len(row["patch"] or "")}
    snapshot = {} if row["snapshot"] is None else {"snapshot": row["snapshot"]}
    return {**entry, "patch": row["patch"], **snapshot}
