"""The dashboard: what a sandbox holds and does, as data and as a page that renews itself."""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.design import page_tokens
from cocalc_magic.sandbox.admin.request_log import shorten
from cocalc_magic.sandbox.http.messages import Response
from cocalc_magic.sandbox.storage.store import iso
from cocalc_magic.sanitize import visible_line
from cocalc_magic.sanitize.secret_forms import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.sandbox.admin.request_log import LogEntry
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MAX_ROWS = 100  # of each kind
REFRESH_TIME = 5  # seconds
MAX_TEXT = 200  # characters of a value
_STYLE = (
    page_tokens()
    + """
* { box-sizing: border-box; }
body { margin: 0; padding: 1.2rem; background: var(--ccm-ground); color: var(--ccm-text);
  font: 1.15rem/1.45 system-ui, sans-serif; }
h1 { margin: 0 0 .8rem; font-size: 1.5rem; }
h2 { margin: 0 0 .5rem; font-size: 1.15rem; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); gap: 1rem; }
section { background: var(--ccm-surface); border: 1px solid var(--ccm-line); border-radius: .6rem;
  padding: .9rem 1.1rem; overflow-x: auto; }
.wide { grid-column: 1 / -1; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; color: var(--ccm-muted); font-weight: 600; font-size: .9em; }
th, td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
td { min-width: 7rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
th, td.short { min-width: 0; white-space: nowrap; }
td.event, td.long { min-width: 14rem; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.soft { color: var(--ccm-muted); }
.good { color: var(--ccm-success); }
.bad { color: var(--ccm-danger); }
code { font-size: .92em; }
"""
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = (
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


# -- data ------------------------------------------------------------------------------------------


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
    commands = _commands()
    return [
        {"pid": pid, "command": commands.get(pid, "–"), "project": titles.get(project_id, project_id)}
        for pid, project_id in world.processes.groups.running()[:MAX_ROWS]
    ]


def _commands() -> dict[int, str]:
    """Return the command of each process group, as far as the system shows it; of a script its text."""
    by_group: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
            if words[:1] == ["bash"] and len(words) == 2:  # a script of ours, after its limits
                words = Path(words[1]).read_text("utf-8", "replace").splitlines()[1:]
        except (OSError, IndexError, ValueError):  # it has just ended
            continue
        by_group.setdefault(group, shorten(" ".join(words)))
    return by_group


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


# -- page ------------------------------------------------------------------------------------------


def show(data: Mapping[str, Any]) -> Response:
    """Return the page for the data of `overview`."""
    counts = data["counts"]
    sections = [
        _section(
            f"Requests, the last {len(data['requests'])}",
            ("UTC", "Event", "By", "Options", "Outcome", "ms"),
            map(_request, data["requests"]),
            wide=True,
        ),
        _section(
            f"Projects, {counts['projects']}", ("Title", "State", "People"), map(_project, data["projects"])
        ),
        _section(
            f"Accounts, {counts['accounts']}",
            ("Name", "E-mail address", "Active"),
            map(_account, data["accounts"]),
        ),
        _section(
            f"Running, {len(data['processes'])}", ("Process", "Project"), map(_process, data["processes"])
        ),
        _section(
            f"E-mails the sandbox did not send, {counts['outbox']}",
            ("UTC", "To", "Subject"),
            map(_letter, data["outbox"]),
        ),
    ]
    return _page("CoCalc sandbox", "".join(sections), renewed=True)


def no_ticket() -> Response:
    """Return the page for a browser without a valid ticket."""
    words = (
        "<section><p>This page shows what happens in the sandbox, to browsers that opened it with a ticket, "
        "which works once.</p><p><code>%cocalc sandbox status</code> in a notebook gives a fresh "
        "one.</p></section>"
    )
    return _page("CoCalc sandbox", words, status=403)


def _page(title: str, content: str, *, renewed: bool = False, status: int = 200) -> Response:
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_TIME}">' if renewed else ""
    document = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}
<title>{html.escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
<main>{content}</main>
</body>
</html>
"""
    return Response(status, "text/html; charset=utf-8", document.encode("utf-8", "replace"), HEADERS)


def _section(title: str, head: Iterable[str], rows: Iterable[str], *, wide: bool = False) -> str:
    body = "".join(rows)
    table = f"<table><thead><tr>{''.join(f'<th>{_text(label)}</th>' for label in head)}</tr></thead>"
    content = f"{table}<tbody>{body}</tbody></table>" if body else '<p class="soft">none</p>'
    mark = ' class="wide"' if wide else ""
    return f"<section{mark}><h2>{_text(title)}</h2>{content}</section>"


def _row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _cell(value: Any, kind: str = "", *, code: bool = False) -> str:
    mark = f' class="{kind}"' if kind else ""
    text = f"<code>{_text(value)}</code>" if code else _text(value)
    return f"<td{mark}>{text}</td>"


def _text(value: Any) -> str:
    """Format a value as HTML: on one line, cut, with nothing in it that hides or reorders text."""
    text = visible_line(str(value)[: 2 * MAX_TEXT])
    return html.escape(text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…")


def _moment(time: str | None) -> str:
    return _cell(time[11:19] if time else "–", "short soft")


def _request(entry: Mapping[str, Any]) -> str:
    options = ", ".join(f"{name}={value}" for name, value in entry["options"].items())
    return _row(
        _moment(entry["time"]),
        _cell(entry["event"], "event", code=True),
        _cell(entry["by"]),
        _cell(options, "long", code=True),
        _cell(entry["outcome"], "short good" if entry["outcome"] == "answered" else "short bad"),
        _cell(f"{entry['milliseconds']:.1f}", "short number"),
    )


def _project(project: Mapping[str, Any]) -> str:
    people = ", ".join(f"{person['name']} ({person['group']})" for person in project["people"])
    return _row(_cell(project["title"]), _cell(project["state"], "short"), _cell(people, "long"))


def _account(account: Mapping[str, Any]) -> str:
    name = f"{account['name']}, administrator" if account["admin"] else account["name"]
    return _row(_cell(name), _cell(account["email_address"] or ""), _moment(account["last_active"]))


def _process(process: Mapping[str, Any]) -> str:
    return _row(_cell(f"{process['pid']}: {process['command']}"), _cell(process["project"]))


def _letter(letter: Mapping[str, Any]) -> str:
    return _row(_moment(letter["time"]), _cell(letter["to"]), _cell(letter["subject"]))
