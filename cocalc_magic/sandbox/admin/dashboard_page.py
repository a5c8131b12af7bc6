"""The dashboard as a page, which a script of its own keeps up to date; without scripts it reloads."""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.types import UUID
from cocalc_magic.design import HYPHENATED, page_tokens
from cocalc_magic.sandbox.http.messages import Response
from cocalc_magic.sanitize import visible_line

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

REFRESH_TIME = 5  # seconds, without scripts
MAX_TEXT = 200  # characters of a value
_STATIC = Path(__file__).with_name("static")
_STYLE = page_tokens() + (_STATIC / "dashboard.css").read_text(encoding="utf-8")
_SCRIPT = (_STATIC / "dashboard.js").read_text(encoding="utf-8")
_CONTROLS = """<div class="controls" hidden>
<span id="status" class="soft" role="status">live</span>
<input id="words" type="search" placeholder="Filter requests" aria-label="Filter requests">
<button id="pause" type="button" aria-pressed="false">Pause</button>
<button id="large" type="button" aria-pressed="false">Large type</button>
</div>"""


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_POLICY = (
    f"default-src 'none'; style-src {_hashed(_STYLE)}; script-src {_hashed(_SCRIPT)}; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


def show(data: Mapping[str, Any]) -> Response:
    """Return the page for the data of `dashboard.overview`."""
    counts = data["counts"]
    sections = [
        _section(
            "Requests, the newest first",
            len(data["requests"]),
            ("UTC", "Event", "By", "Options", "Outcome", "ms"),
            map(_request, data["requests"]),
            ' class="wide" id="requests"',
        ),
        _section(
            "Projects", counts["projects"], ("Title", "State", "People"), map(_project, data["projects"])
        ),
        _section(
            "Accounts",
            counts["accounts"],
            ("Name", "E-mail address", "Active"),
            map(_account, data["accounts"]),
        ),
        _section("Running", len(data["processes"]), ("Process", "Project"), map(_process, data["processes"])),
        _section(
            "E-mails the sandbox did not send",
            counts["outbox"],
            ("UTC", "To", "Subject"),
            map(_letter, data["outbox"]),
        ),
    ]
    return _page("".join(sections), live=True)


def no_ticket() -> Response:
    """Return the page for a browser without a valid ticket."""
    words = (
        "<section><p>This page shows what happens in the sandbox, to browsers that opened it with a ticket, "
        "which works once.</p><p><code>%cocalc sandbox status</code> in a notebook gives a fresh "
        "one.</p></section>"
    )
    return _page(words, status=403)


def _page(content: str, *, live: bool = False, status: int = 200) -> Response:
    refresh = f'<noscript><meta http-equiv="refresh" content="{REFRESH_TIME}"></noscript>' if live else ""
    document = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}
<title>CoCalc sandbox</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<header><h1>CoCalc sandbox</h1>{_CONTROLS if live else ""}</header>
<main>{content}</main>
{f"<script>{_SCRIPT}</script>" if live else ""}
</body>
</html>
"""
    return Response(status, "text/html; charset=utf-8", document.encode("utf-8", "replace"), HEADERS)


def _section(title: str, count: int, head: Iterable[str], rows: Iterable[str], attributes: str = "") -> str:
    body = "".join(rows)
    heads = "".join(_head(label) for label in head)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    number = f'<span class="soft">{count:,}</span>'
    content = table if body else '<p class="soft">None.</p>'
    return f"<section{attributes}><h2>{_text(title)} {number}</h2>{content}</section>"


def _head(label: str) -> str:
    numeric = ' class="number"' if label == "ms" else ""
    return f'<th scope="col"{numeric}>{_text(label)}</th>'


def _row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _cell(value: Any, kind: str = "", *, code: bool = False) -> str:
    mark = f' class="{kind}"' if kind else ""
    text = f"<code>{_text(value)}</code>" if code and value else _text(value)
    return f"<td{mark}>{text}</td>"


def _text(value: Any) -> str:
    """Format a value as HTML: on one line, cut, with nothing in it that hides or reorders text.

    An id is shown in short, as one word.
    """
    text = visible_line(str(value)[: 2 * MAX_TEXT])
    text = html.escape(text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…")
    return HYPHENATED.sub(_word, text)


def _word(match: re.Match[str]) -> str:
    """Return what no line may end inside, an id in short."""
    word = match[0]
    if UUID.fullmatch(word):
        return f'<span class="word" title="{word}">{word[:8]}…{word[-4:]}</span>'
    return f'<span class="word">{word}</span>'


def _moment(time: str | None) -> str:
    return _cell(time[11:19] if time else "–", "short soft")


def _request(entry: Mapping[str, Any]) -> str:
    options = ", ".join(f"{name}={value}" for name, value in entry["options"].items())
    outcome = str(entry["outcome"])
    tone = "warn" if "fault" in outcome else "good" if outcome == "answered" else "bad"
    return _row(
        _moment(entry["time"]),
        _cell(entry["event"], code=True),
        _cell(entry["by"]),
        _cell(options, "long", code=True),
        f'<td class="short"><span class="chip {tone}">{_text(outcome)}</span></td>',
        _cell(f"{entry['milliseconds']:.1f}", "short number"),
    )


def _project(project: Mapping[str, Any]) -> str:
    people = ", ".join(f"{person['name']} ({person['group']})" for person in project["people"])
    return _row(_cell(project["title"]), _cell(project["state"], "short"), _cell(people, "long"))


def _account(account: Mapping[str, Any]) -> str:
    name = f"{account['name']}, administrator" if account["admin"] else account["name"]
    return _row(_cell(name), _cell(account["email_address"] or ""), _moment(account["last_active"]))


def _process(process: Mapping[str, Any]) -> str:
    return _row(
        _cell(f"{process['pid']}: {process['command']}", "long", code=True), _cell(process["project"])
    )


def _letter(letter: Mapping[str, Any]) -> str:
    return _row(_moment(letter["time"]), _cell(letter["to"]), _cell(letter["subject"]))
