"""What ``%cocalc`` does besides sending messages: help, servers and keys, history, the current project.

A command is a function of the session and its words that returns something to show. No command shares a
name with an event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cocalc_magic.commands import (
    doctor,
    files,
    forms,
    from_curl,
    help,
    history,
    keys,
    login,
    project,
    sandbox,
    server,
)
from cocalc_magic.commands.args import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.session.session import Session

Run = Callable[["Session", list[str]], Any]

RUN: dict[str, Run] = {
    "help": help.help_,
    "events": help.events,
    "status": help.status,
    "doctor": doctor.doctor,
    "login": login.login,
    "logout": login.logout,
    "keys": keys.keys,
    "server": server.server,
    "sandbox": sandbox.sandbox,
    "projects": project.projects,
    "use": project.use,
    "upload": files.upload,
    "download": files.download,
    "form": forms.form,
    "explore": forms.explore,
    "history": history.history,
    "last-error": history.last_error,
    "from-curl": from_curl.from_curl,
    "version": help.version,
}
RAW = frozenset({"from-curl"})
"""Commands whose words are one text, not to be taken apart."""


def run(session: Session, line: str, cell: str | None, namespace: Mapping[str, Any] | None = None) -> Any:
    """Runs the command that a line names; its value is to be shown.

    Values of the ``namespace`` stand in its words as they do in a message. Raises :class:`InvalidSyntax`
    for words that the command does not take.
    """
    name, *rest = line.strip().split(None, 1)
    name, first = name.removesuffix(";"), "".join(rest)
    if name in RAW:
        first = first.rstrip().removesuffix(";")
        return RUN[name](session, [(first if cell is None else f"{first}\n{cell}").strip()])
    names = namespace or {}
    return RUN[name](session, [*split(first, names), *split(cell or "", names)])
