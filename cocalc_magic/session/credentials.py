"""What the credentials of a server are for, in words: a key's scope, the session of a person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cocalc_magic.client.wire.permission import is_scoped
from cocalc_magic.config import login_sessions
from cocalc_magic.config.scope import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.client import Client
    from cocalc_magic.config import Server
    from cocalc_magic.config.login_sessions import LoginSession
    from cocalc_magic.config.scope import Scope

Facts = list[tuple[str, str]]
MAX_PROJECTS = 3  # projects that are named


def scope_facts(client: Client, titles: Mapping[str, str]) -> Facts:
    """Return what the client's key may do, as far as it is known; nothing for a key without a scope."""
    scope = client.router.scope
    if not client.key or (scope == UNKNOWN and not is_scoped(client.key.reveal())):
        return []
    return [("key may", scope_text(scope, titles, client.server))]


def scope_text(scope: Scope, titles: Mapping[str, str], server: Server) -> str:
    """Return in words what a key may do: what a person said, and what its server refused."""
    parts = []
    if scope.stated:
        projects = f" in {_named(scope.stated.projects, titles)}" if scope.stated.projects else ""
        parts.append(f"{', '.join(scope.stated.capabilities)}{projects}, as you said")
    for capability, project in sorted(scope.refused):
        where = f" in {_named((project,), titles)}" if project else ""
        parts.append(f"not {capability}{where}, as the server said")
    if not scope.stated:
        say = f"say it by %cocalc login {server.reference} --scope CAPABILITY,… --projects PROJECT,…"
        less = "%cocalc sandbox keys create --scope CAPABILITY,… makes one of which it is known"
        parts.append(f"{'for the rest ' if parts else ''}not known; {less if server.sandbox else say}")
    return "; ".join(parts)


def session_facts(server: Server, *, has_key: bool) -> Facts:
    """Return whose session there is at a server, until when, and what it is for; nothing without one."""
    session = login_sessions.find(server.url)
    if session is None:
        return []
    use = "what no key may send" if has_key else "what a browser may send; files and Jupyter need a key"
    return [("session", f"of {session.account}, {until(session)}; it is for {use}")]


def until(session: LoginSession) -> str:
    """Return when a session ends: `until 21:30 (7 h 55 min from now)`."""
    left = max(0, round((session.ends - time.time()) / 60))
    day = "%Y-%m-%d " if left >= 12 * 60 else ""
    at = time.strftime(f"{day}%H:%M", time.localtime(session.ends))
    span = f"{left // 60} h {left % 60} min" if left >= 60 else f"{left} min"
    return f"until {at} ({span} from now)"


def _named(projects: tuple[str, ...], titles: Mapping[str, str]) -> str:
    names = [titles.get(project) or project for project in projects[:MAX_PROJECTS]]
    more = len(projects) - len(names)
    return ", ".join([*names, *([f"{more} more"] if more else [])])
