"""Refuse secrets that are typed in a cell, before anything is done with them: cells are saved."""

from __future__ import annotations

import re
from typing import NamedTuple

from cocalc_magic import catalog
from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.sanitize.secret_forms import KEY, Span, has_typed_secret, is_handed_over, typed_secrets
from cocalc_magic.syntax.line import Line, parse

_BEFORE = 200  # characters before a secret in which its name stands
_OPTION = re.compile(r"(?:\A|[\n{,])\s*[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*:\s*[\"']?\Z")  # of a body
_EVENT = re.compile(r"(?:\A|[\n{,])\s*[\"']?event[\"']?\s*:\s*[\"']?(?P<event>[\w/:.-]+)")


class Place(NamedTuple):
    """Where something is typed, and who sees it there."""

    name: str
    kept: str
    again: str


CELL = Place(
    "this cell",
    "Remove it from the notebook: it is saved there, and in IPython's history by now.",
    "%cocalc login",
)
ARGUMENTS = Place(
    "the arguments",
    "Others on this machine see them while the program runs, and the shell's history keeps them: remove it.",
    "cocalc-magic login",
)


def refuse(line: str, body: str = "", where: Place = CELL) -> None:
    """Raise an error when a key, a session cookie or a sign-in token stands in what was typed.

    An option that is secret by itself takes one. Where the body as a whole is one option (`command=-`) it is
    not searched. The error does not repeat what was found.

    Raises:
        CoCalcError: There is a secret.
    """
    if not has_typed_secret(line, body):
        return
    parsed = _parsed(line)
    allowed = _secret_options(parsed, body)
    kinds = [span.kind for span in typed_secrets(line) if _option_of(parsed, span) not in allowed]
    if not _body_is_text(parsed):
        kinds += [span.kind for span in typed_secrets(body) if _name_before(body, span) not in allowed]
    if kinds or is_handed_over(line) or is_handed_over(body):
        raise CoCalcError(
            f"a {kinds[0] if kinds else KEY} stands in {where.name}. It was not used.",
            where.kept,
            f"Then replace it in the settings of your account, and give the new one to {where.again}",
            "A text that only looks like one can come from a variable: title=$name",
        )


def warning(line: str, body: str) -> str:
    """Return a warning of a secret in a body that is one option; empty where there is none."""
    kinds = [span.kind for span in typed_secrets(body)] if _body_is_text(_parsed(line)) else []
    if not kinds:
        return ""
    return f"A {kinds[0]} stands in the text of this cell, and so in the notebook and in IPython's history.\n"


def _parsed(line: str) -> Line | None:
    """Return the line taken apart; `None` for one that is not a message, or a wrong one."""
    try:
        return parse(line)
    except InvalidSyntax:
        return None


def _body_is_text(line: Line | None) -> bool:
    """Return whether the body is one option as it stands."""
    return line is not None and any(item.source == "body" for item in line.items)


def _secret_options(line: Line | None, body: str) -> tuple[str, ...]:
    """Return the options that are secret by themselves, of the message that line or body names."""
    event = line.event if line else ""
    if not event and (match := _EVENT.search(body)):
        event = match["event"]
    message = catalog.get(event) if event else None
    return message.secret if message else ()


def _option_of(line: Line | None, secret: Span) -> str:
    """Return the option of the line whose value the secret is; empty where it stands elsewhere."""
    items = line.items if line else []
    return next((item.name for item in items if item.span.start < secret.start < item.span.end), "")


def _name_before(body: str, secret: Span) -> str:
    """Return the name of the option whose value the secret begins; empty where it stands elsewhere."""
    match = _OPTION.search(body[max(0, secret.start - _BEFORE) : secret.start])
    return match["name"] if match else ""
