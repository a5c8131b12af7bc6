"""Secrets that stand in a cell: refused before anything is done with them, since a cell is saved."""

from __future__ import annotations

import re

from cocalc_magic import catalog
from cocalc_magic.config.pasted import HOST
from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.sanitize.secret_forms import KEY, Span, typed_secrets
from cocalc_magic.syntax.line import Line, parse

_HANDED_OVER = re.compile(rf"https?://{HOST}/?\?\S*api_key=\S+", re.IGNORECASE)
_BEFORE = 200  # characters before a secret in which its name stands
_OPTION = re.compile(r"(?:\A|[\n{,])\s*[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*:\s*[\"']?\Z")  # of a body
_EVENT = re.compile(r"(?:\A|[\n{,])\s*[\"']?event[\"']?\s*:\s*[\"']?(?P<event>[\w/:.-]+)")


def refuse(line: str, body: str = "") -> None:
    """Raises :class:`CoCalcError` when a key, a session's cookie or a sign-in token stands in what was typed.

    An option that is secret by itself takes one. Where the body as a whole is one option (``command=-``) it
    is not looked through. The error does not repeat what was found.
    """
    told = _told(line)
    allowed = _allowed(told, body)
    found = [span.kind for span in typed_secrets(line) if _option_of(told, span) not in allowed]
    if not _is_text(told):
        found += [span.kind for span in typed_secrets(body) if _name_before(body, span) not in allowed]
    if found or _HANDED_OVER.search(f"{line}\n{body}"):
        raise CoCalcError(
            f"a {found[0] if found else KEY} stands in this cell. It was not used.",
            "Remove it from the notebook: it is saved there, and in IPython's history by now.",
            "Then replace it in the settings of your account, and give the new one to %cocalc login",
            "A text that only looks like one can come from a variable: title=$name",
        )


def warning(line: str, body: str) -> str:
    """What to tell a person of a secret in a body that is one option; empty where there is none."""
    kinds = [span.kind for span in typed_secrets(body)] if _is_text(_told(line)) else []
    if not kinds:
        return ""
    return f"A {kinds[0]} stands in the text of this cell, and so in the notebook and in IPython's history.\n"


def _told(line: str) -> Line | None:
    """The line taken apart; ``None`` for one that is no message, or a wrong one."""
    try:
        return parse(line)
    except InvalidSyntax:
        return None


def _is_text(told: Line | None) -> bool:
    """Whether the body is one option as it stands."""
    return told is not None and any(item.source == "body" for item in told.items)


def _allowed(told: Line | None, body: str) -> tuple[str, ...]:
    """The options that are secret by themselves, of the message that line or body names."""
    event = told.event if told else ""
    if not event and (named := _EVENT.search(body)):
        event = named["event"]
    message = catalog.get(event) if event else None
    return message.secret if message else ()


def _option_of(told: Line | None, span: Span) -> str:
    """The option of the line whose value the secret is; empty where it stands elsewhere."""
    items = told.items if told else []
    return next((item.name for item in items if item.span.start < span.start < item.span.end), "")


def _name_before(body: str, span: Span) -> str:
    """The name of the option whose value the secret begins; empty where it stands elsewhere."""
    named = _OPTION.search(body[max(0, span.start - _BEFORE) : span.start])
    return named["name"] if named else ""
