"""What is checked of a record before it is written, table by table, where the caller may write there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.query import name_rules, rows
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Table
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

    Changes = dict[str, Any]

MAX_FUTURE = 3 * 60 * 1000  # milliseconds that a patch may be ahead


def check(world: World, caller: Caller, table: Table, record: Changes) -> None:
    """Check a record. Raises `Failed`."""
    if check_record := _CHECKS.get(table.name):
        check_record(world, caller, record)
    if table.stored_in == "syncstrings":
        rows.check(world, caller, "syncdocs of the project", record)
    elif table.read and table.read.rows == "one syncdoc":
        rows.check(world, caller, table.read.rows, record)


def check_change(table: Table, old: Row, record: Changes) -> None:
    """Check a record against the row that it changes. Raises `Failed`."""
    if table.name == "patches":
        _check_patch_change(old, record)
    if table.name == "blobs":
        _check_blob(record)


def _check_event(_world: World, _caller: Caller, record: Changes) -> None:
    if not as_text(record.get("event")).startswith("webapp-"):
        raise Failed("event must start with 'webapp-'")


def _check_account(world: World, caller: Caller, record: Changes) -> None:
    """Check the user name, and cut the other names to what is kept of them; they may not be empty."""
    if record.get("name") is not None:
        name_rules.check_account_name(record["name"])
        _check_free(world, caller, record["name"])
    names = {name: record[name] for name in ("first_name", "last_name") if record.get(name) is not None}
    for name, value in names.items():
        if value in ("", []):
            raise Failed(f"{name} must be nonempty")


def _check_free(world: World, caller: Caller, name: str) -> None:
    """Raise `Failed` for a user name that another account or an organization has; case does not matter."""
    for table, key in (("accounts", "account_id"), ("organizations", "organization_id")):
        # LIKE ignores case, but takes % and _ for wildcards.
        alike = world.store.select(table, [("name", "LIKE", name)])
        if any(row["name"].lower() == name.lower() and row[key] != caller.account_id for row in alike):
            raise Failed(f'name "{name}" is already taken by another organization or account')


def _check_published(world: World, _caller: Caller, record: Changes) -> None:
    """Check the name of a published path, which no other path of the project may have."""
    name = record.get("name")
    if not name:
        return
    name_rules.check_path_name(name)
    for row in world.store.select("public_paths", [("project_id", "=", record["project_id"])]):
        if row["path"] != record.get("path") and (row["name"] or "").lower() == name.lower():
            raise Failed(
                f'There is already a public path "{row["path"]}" in this project with the name "{name}".  '
                "Names are not case sensitive."
            )


def _check_patch(_world: World, _caller: Caller, record: Changes) -> None:
    """Refuse a patch of the future; a time that is a text is not looked at, as on real servers."""
    time = record.get("time")
    if isinstance(time, int | float) and time - now() > MAX_FUTURE:
        raise Failed("clock")


def _check_patch_change(old: Row, record: Changes) -> None:
    author, new_author = old.get("user_id"), record.get("user_id")
    if author is not None and new_author is not None and author is not new_author and author != new_author:
        raise Failed(f"you may not change the author of a patch from {author} to {as_text(new_author)}")
    patch, new_patch = old.get("patch"), record.get("patch")
    if patch is not None and new_patch is not None and patch != new_patch:
        raise Failed("you may not change a patch")


def _check_member(world: World, _caller: Caller, record: Changes) -> None:
    """Refuse to write an organization: nothing makes an account a member of one."""
    del world
    rows.as_uuid(record.get("organization_id"))
    raise Failed("account must be a member of the organization")


def _check_group(world: World, caller: Caller, record: Changes) -> None:
    row = world.store.get("groups", rows.as_uuid(record.get("group_id"))) or {}
    if caller.account_id not in (row.get("owner_account_ids") or ()):
        raise Failed("Error: user must be an owner of the group")


def _check_blob(record: Changes) -> None:
    """Check that a blob has the id that its content makes."""
    blob_id = _uuid_of(as_text(record.get("blob") or ""))
    if record.get("id") != blob_id:
        raise Failed(
            f"the sha1 uuid (='{blob_id}') of the blob must equal "
            f"the given uuid (='{as_text(record.get('id'))}')"
        )


def _uuid_of(text: str) -> str:
    """Return the id of a content: digits of its SHA-1 in the form of a random uuid."""
    digits = iter(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
    letters = []
    for letter in "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx":
        digit = next(digits) if letter in "xy" else letter
        letters.append(f"{int(digit, 16) & 3 | 8:x}" if letter == "y" else digit)
    return "".join(letters)


_CHECKS: dict[str, Callable[[World, Caller, Changes], None]] = {
    "central_log": _check_event,
    "accounts": _check_account,
    "public_paths": _check_published,
    "patches": _check_patch,
    "organizations": _check_member,
    "groups": _check_group,
}
