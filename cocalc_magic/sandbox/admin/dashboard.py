"""The dashboard as data: what a sandbox holds and does."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.admin.request_log import shorten
from cocalc_magic.sandbox.runtime import reaper
from cocalc_magic.sandbox.runtime.processes import Processes
from cocalc_magic.sandbox.storage.store import iso
from cocalc_magic.sanitize.secret_forms import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cocalc_magic.sandbox.admin.request_log import LogEntry
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MAX_ROWS = 100  # of each kind
_MAX_SCRIPT = 64 * 1024  # bytes


def overview(world: World) -> dict[str, Any]:
    """Return what a sandbox holds and does as data without secrets, at most `MAX_ROWS` of each kind.

    `counts` has the numbers of all; projects and requests come with the newest first.
    """
    accounts = world.store.select("accounts", limit=MAX_ROWS)
    rows = world.store.select("projects", order=("-last_edited",), limit=MAX_ROWS)
    names = {row["account_id"]: _name(row) for row in accounts}
    projects = [_project_data(row, names) for row in rows]
    return {
        "counts": {table: world.store.count(table) for table in ("accounts", "projects", "outbox")},
        "accounts": [_account_data(row) for row in accounts],
        "projects": projects,
        "processes": _process_data(world, {project["project_id"]: project["title"] for project in projects}),
        "outbox": [
            _letter_data(row) for row in world.store.select("outbox", order=("-time",), limit=MAX_ROWS)
        ],
        "requests": [_request_data(entry, names) for entry in world.request_log.entries()[:MAX_ROWS]],
    }


def _request_data(entry: LogEntry, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "time": iso(int(entry.moment * 1000)),
        "event": entry.event,
        "by": names.get(entry.account_id or "", entry.account_id or "nobody known"),
        "options": {name: value for name, value in entry.options.items() if name != "id"},
        "outcome": entry.outcome,
        "milliseconds": round(entry.milliseconds, 1),
    }


def _process_data(world: World, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    running = dict(world.processes.running()[:MAX_ROWS])
    scripts = world.processes.scripts if isinstance(world.processes, Processes) else None
    commands = _commands(running, scripts) if scripts else {}
    return [
        {"pid": pid, "command": commands.get(pid, "–"), "project": titles.get(project_id, project_id)}
        for pid, project_id in running.items()
    ]


def _commands(groups: Collection[int], scripts: Path) -> dict[int, str]:
    """Return the commands of process groups, as far as the system shows them; of a script its text."""
    import psutil  # late: where nothing runs, nothing is looked for

    by_group: dict[int, str] = {}
    for group, process in reaper.members(groups) if groups else ():
        if group in by_group:
            continue
        try:
            words = process.cmdline()
            if words[:1] == ["bash"] and len(words) == 2 and Path(words[1]).parent.parent == scripts:
                words = _script(words[1])[1:]  # after its limits
        except (psutil.Error, OSError):  # it has just ended
            continue
        by_group[group] = shorten(" ".join(words))
    return by_group


def _script(path: str) -> list[str]:
    """Return the lines of a script, of which a command may have made anything: a pipe would be waited for."""
    if sys.platform == "win32":  # where no commands run
        return []
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return []
        return file.read(_MAX_SCRIPT).decode("utf-8", "replace").splitlines()


def _name(row: Row) -> str:
    name = f"{row['first_name'] or ''} {row['last_name'] or ''}".strip()
    return mask_secrets(name) or str(row["account_id"])


def _account_data(row: Row) -> dict[str, Any]:
    return {
        "account_id": row["account_id"],
        "name": _name(row),
        "email_address": row["email_address"],
        "admin": "admin" in (row["groups"] or ()),
        "last_active": None if row["last_active"] is None else iso(row["last_active"]),
    }


def _project_data(row: Row, names: dict[str, str]) -> dict[str, Any]:
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


def _letter_data(row: Row) -> dict[str, Any]:
    subject = mask_secrets(row["subject"])
    return {"time": iso(row["time"]), "to": row["to"], "subject": subject, "body": row["body"]}
