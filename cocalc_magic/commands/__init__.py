"""What ``%cocalc`` does besides sending messages: help, servers and keys, history, the current project.

A command is a function of the session and its words that returns something to show. No command shares a
name with an event.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cocalc_magic.commands import about, doctor, forms, from_curl, keys, login, past, project, sandbox, server
from cocalc_magic.commands.words import plain_line
from cocalc_magic.errors import InvalidSyntax

if TYPE_CHECKING:
    from cocalc_magic.commands.session import Session

Run = Callable[["Session", list[str]], Any]

RUN: dict[str, Run] = {
    "help": about.help_,
    "events": about.events,
    "status": about.status,
    "doctor": doctor.doctor,
    "login": login.login,
    "logout": login.logout,
    "keys": keys.keys,
    "server": server.server,
    "sandbox": sandbox.sandbox,
    "use": project.use,
    "form": forms.form,
    "explore": forms.explore,
    "history": past.history,
    "last-error": past.last_error,
    "from-curl": from_curl.from_curl,
    "version": about.version,
}
RAW = frozenset({"from-curl"})
"""Commands whose words are one text, not to be taken apart."""


def run(session: Session, line: str, cell: str | None) -> Any:
    """Runs the command that a line names; its value is to be shown.

    Raises :class:`InvalidSyntax` for words that the command does not take.
    """
    name, *rest = line.strip().split(None, 1)
    name, first = name.removesuffix(";"), "".join(rest)
    first = first.rstrip().removesuffix(";") if name in RAW else plain_line(first)
    text = (first if cell is None else f"{first}\n{cell}").strip()
    if name in RAW:
        return RUN[name](session, [text])
    try:
        words = shlex.split(text)
    except ValueError:
        raise InvalidSyntax(f"a quote does not close in {text!r}.") from None
    return RUN[name](session, words)
