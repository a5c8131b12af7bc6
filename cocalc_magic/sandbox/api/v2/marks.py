"""`public-paths/*`: what people have published, and what others mark of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_caller, require_collaborator
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

HASH_LENGTH = 40  # characters of the id of a published path


def save(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Mark a published path as edited now."""
    caller = require_caller(caller, "public-paths/save")
    row = world.store.get("public_paths", _path_id(options))
    if row is None:
        raise Thrown(f"no public path with id={as_text(options['id'])}")
    require_collaborator(world, caller, row["project_id"], "public-paths/save")
    world.store.update("public_paths", row["id"], {"last_edited": now()})
    return {}


def star(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Mark a published path for the caller; twice is the database's failure, as on real servers."""
    caller = require_caller(caller, "public-paths/star")
    key = (_starred(world, options), caller.account_id)
    if world.store.get("public_path_stars", *key):
        rule = 'unique constraint "public_path_stars_pkey"'
        raise Thrown(f"duplicate key value violates {rule}", kind="error")
    names = ("public_path_id", "account_id")
    world.store.insert("public_path_stars", {**dict(zip(names, key, strict=True)), "time": now()})
    return {}


def unstar(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Undo `star`."""
    caller = require_caller(caller, "public-paths/unstar")
    world.store.delete("public_path_stars", _starred(world, options), caller.account_id)
    return {}


def _path_id(options: Mapping[str, Any]) -> str:
    if not options.get("id"):
        raise Thrown("must specify id of public path")
    return as_text(options["id"])


def _starred(world: World, options: Mapping[str, Any]) -> str:
    path_id = _path_id(options)
    if not isinstance(options["id"], str) or len(path_id) != HASH_LENGTH:
        raise Thrown(f"invalid public path id {path_id}")
    if world.store.get("public_paths", path_id) is None:
        raise Thrown(f"no public path with id {path_id}")
    return path_id
