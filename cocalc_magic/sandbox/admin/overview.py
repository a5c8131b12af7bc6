"""What a sandbox holds and does, as plain data for people who look at it; no keys, nothing secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.admin.request_log import without_keys
from cocalc_magic.sandbox.world import iso
from cocalc_magic.sanitize.secret_forms import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.admin.request_log import Seen
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MOST = 100  # rows of each kind


def overview(world: World) -> dict[str, Any]:
    """Accounts, projects, running processes, letters and the last requests, each at most :data:`MOST`.

    ``counts`` has the numbers of all; projects and requests come with the newest first.
    """
    accounts = world.store.select("accounts", limit=MOST)
    rows = world.store.select("projects", order=("-last_edited",), limit=MOST)
    names = {row["account_id"]: _name(row) for row in accounts}
    projects = [_project(row, names) for row in rows]
    return {
        "counts": {table: world.store.count(table) for table in ("accounts", "projects", "outbox")},
        "accounts": [_account(row) for row in accounts],
        "projects": projects,
        "processes": _processes(world, {one["project_id"]: one["title"] for one in projects}),
        "outbox": [_letter(row) for row in world.store.select("outbox", order=("-time",), limit=MOST)],
        "requests": [_request(seen, names) for seen in world.recent.list()[:MOST]],
    }


def _request(seen: Seen, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "time": iso(int(seen.moment * 1000)),
        "event": seen.event,
        "by": names.get(seen.account_id or "", seen.account_id or "nobody known"),
        "options": {name: value for name, value in seen.options.items() if name != "id"},
        "outcome": seen.outcome,
        "milliseconds": round(seen.milliseconds, 1),
    }


def _processes(world: World, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    commands = _commands()
    return [
        {"pid": pid, "command": commands.get(pid, "–"), "project": titles.get(project_id, project_id)}
        for pid, project_id in world.processes.groups.running()[:MOST]
    ]


def _commands() -> dict[int, str]:
    """What each process group runs, as far as the system tells; of a script the text."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
            if words[:1] == ["bash"] and len(words) == 2:  # a script of ours, after its limits
                words = Path(words[1]).read_text("utf-8", "replace").splitlines()[1:]
        except (OSError, IndexError, ValueError):  # it has just ended
            continue
        found.setdefault(group, without_keys(" ".join(words)))
    return found


def _name(row: Row) -> str:
    name = f"{row['first_name'] or ''} {row['last_name'] or ''}".strip()
    return mask_secrets(name) or str(row["account_id"])


def _account(row: Row) -> dict[str, Any]:
    return {
        "account_id": row["account_id"],
        "name": _name(row),
        "email_address": row["email_address"],
        "admin": "admin" in (row["groups"] or ()),
        "last_active": None if row["last_active"] is None else iso(row["last_active"]),
    }


def _project(row: Row, names: dict[str, str]) -> dict[str, Any]:
    users = row["users"] or {}
    return {
        "project_id": row["project_id"],
        "title": mask_secrets(row["title"] or ""),
        "state": (row["state"] or {}).get("state", "opened"),
        "people": [
            {"name": names.get(account_id, account_id), "group": (entry or {}).get("group", "")}
            for account_id, entry in users.items()
        ],
        "last_edited": None if row["last_edited"] is None else iso(row["last_edited"]),
    }


def _letter(row: Row) -> dict[str, Any]:
    subject = mask_secrets(row["subject"])
    return {"time": iso(row["time"]), "to": row["to"], "subject": subject, "body": row["body"]}
