"""The page that shows what goes on in the sandbox, to be read from afar; renewed every few seconds."""

from __future__ import annotations

import base64
import hashlib
import html
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.http.messages import Reply
from cocalc_magic.sanitize import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AGAIN = 5  # seconds between two looks
MAX_TEXT = 200  # characters of a value
_STYLE = """
:root { color-scheme: light dark; --back: #f4f6f9; --card: #fff; --text: #1c2733; --soft: #566371;
  --line: #c9d2dc; --good: #1d6b37; --bad: #a3211c; }
@media (prefers-color-scheme: dark) { :root { --back: #14191f; --card: #1e252d; --text: #e6ebf0;
  --soft: #a3b0bd; --line: #45525f; --good: #7fd49a; --bad: #ffb4ab; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.2rem; background: var(--back); color: var(--text);
  font: 1.15rem/1.45 system-ui, sans-serif; }
h1 { margin: 0 0 .8rem; font-size: 1.5rem; }
h2 { margin: 0 0 .5rem; font-size: 1.15rem; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); gap: 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem;
  overflow-x: auto; }
.wide { grid-column: 1 / -1; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: .9em; }
th, td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
td { min-width: 7rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
th, td.short { min-width: 0; white-space: nowrap; }
td.event, td.long { min-width: 14rem; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); }
code { font-size: .92em; }
"""
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


def show(seen: Mapping[str, Any]) -> Reply:
    """The page for what :func:`~cocalc_magic.sandbox.admin.overview.overview` tells."""
    counts = seen["counts"]
    sections = [
        _section(
            f"Requests, the last {len(seen['requests'])}",
            ("UTC", "Event", "By", "Options", "Outcome", "ms"),
            map(_request, seen["requests"]),
            wide=True,
        ),
        _section(
            f"Projects, {counts['projects']}", ("Title", "State", "People"), map(_project, seen["projects"])
        ),
        _section(
            f"Accounts, {counts['accounts']}",
            ("Name", "E-mail address", "Active"),
            map(_account, seen["accounts"]),
        ),
        _section(
            f"Running, {len(seen['processes'])}", ("Process", "Project"), map(_process, seen["processes"])
        ),
        _section(
            f"Letters that were not sent, {counts['outbox']}",
            ("UTC", "To", "Subject"),
            map(_letter, seen["outbox"]),
        ),
    ]
    return _page("CoCalc sandbox", "".join(sections), again=True)


def no_ticket(status: int = 403) -> Reply:
    """The page for a browser that may not look."""
    words = (
        "<section><p>This page shows what goes on in the sandbox, to those who opened it with a ticket, "
        "which is good once.</p><p><code>%cocalc sandbox status</code> in a notebook gives a fresh "
        "one.</p></section>"
    )
    return _page("CoCalc sandbox", words, status=status)


def _page(title: str, content: str, *, again: bool = False, status: int = 200) -> Reply:
    renewed = f'<meta http-equiv="refresh" content="{AGAIN}">' if again else ""
    document = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{renewed}
<title>{html.escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
<main>{content}</main>
</body>
</html>
"""
    return Reply(status, "text/html; charset=utf-8", document.encode("utf-8", "replace"), HEADERS)


def _section(title: str, head: Iterable[str], rows: Iterable[str], *, wide: bool = False) -> str:
    body = "".join(rows)
    table = f"<table><thead><tr>{''.join(f'<th>{_text(one)}</th>' for one in head)}</tr></thead>"
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


def _request(seen: Mapping[str, Any]) -> str:
    options = ", ".join(f"{name}={value}" for name, value in seen["options"].items())
    return _row(
        _moment(seen["time"]),
        _cell(seen["event"], "event", code=True),
        _cell(seen["by"]),
        _cell(options, "long", code=True),
        _cell(seen["outcome"], "short good" if seen["outcome"] == "answered" else "short bad"),
        _cell(f"{seen['milliseconds']:.1f}", "short number"),
    )


def _project(project: Mapping[str, Any]) -> str:
    people = ", ".join(f"{one['name']} ({one['group']})" for one in project["people"])
    return _row(_cell(project["title"]), _cell(project["state"], "short"), _cell(people, "long"))


def _account(account: Mapping[str, Any]) -> str:
    name = f"{account['name']}, administrator" if account["admin"] else account["name"]
    return _row(_cell(name), _cell(account["email_address"] or ""), _moment(account["last_active"]))


def _process(process: Mapping[str, Any]) -> str:
    return _row(_cell(f"{process['pid']}: {process['command']}"), _cell(process["project"]))


def _letter(letter: Mapping[str, Any]) -> str:
    return _row(_moment(letter["time"]), _cell(letter["to"]), _cell(letter["subject"]))
