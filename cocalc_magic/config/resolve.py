"""Which server is meant. The first of these that names one:

1. `--server` on the line
2. `%cocalc server use` in this kernel
3. `c.CoCalc.server` of the configuration
4. `COCALC_HOST`
5. `COCALC_API_KEY` alone: cocalc.ai
6. `use` in `servers.json`
7. nothing: the sandbox, started at the first message

The environment is set for one process on purpose, the file for all of them: so it wins over the file, as
with git, pip and the official client. A script (`Client()`) begins with 4.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.config import keys, login_sessions, servers_file
from cocalc_magic.config.sandbox_process import sandbox
from cocalc_magic.config.secret import Secret
from cocalc_magic.config.server import Server, in_service, named, normal, safe
from cocalc_magic.config.servers_file import SANDBOX
from cocalc_magic.errors import CoCalcError, KeyRequired

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Choice:
    """A server's name or address, and what named it."""

    server: str
    by: str


def choose(*preferred: Choice, environ: Mapping[str, str] = os.environ) -> Choice:
    """Return the first choice that names a server, else what the environment and the file say."""
    for choice in preferred:
        if choice.server:
            return choice
    if host := environ.get("COCALC_HOST", "").strip():
        return Choice(host, "COCALC_HOST")
    if environ.get(keys.VARIABLE, "").strip():
        return Choice("cocalc.ai", keys.VARIABLE)
    if use := servers_file.load().use:
        return Choice(use, servers_file.path().name)
    return Choice(SANDBOX, "nothing else is configured")


def at(server: str) -> Server:
    """Return the server of a name or an address, with its settings; the sandbox is started.

    Raises:
        CoCalcError: No server has the name, or the address can't be one.
    """
    if server == SANDBOX:
        return sandbox().connection()[0]
    known = servers_file.load()
    if named_server := known.all().get(server):
        return safe(named_server)
    if not any(sign in server for sign in ".:/") and server != "localhost":
        if not server.isprintable():
            raise CoCalcError("this is not a server.")
        raise servers_file.unknown(server, known)
    address, running = normal(server), sandbox().running
    if running and running[0].answer and running[0].url == address:
        return running[0]  # which is reached by a call alone
    return known.at(address) or named(server)


def connection(server: str, environ: Mapping[str, str] = os.environ) -> tuple[Server, Secret]:
    """Return the server of a name or an address, with its key; an empty one where there is a session alone.

    Raises:
        KeyRequired: It has neither; another server is never used instead.
        ServerRetired: It is no longer there.
    """
    if server == SANDBOX:
        return sandbox().connection()
    named_server, embedded = in_service(at(server)), sandbox().running
    if embedded and embedded[0].url == named_server.url and not keys.find(named_server.url, environ):
        return embedded
    try:
        return named_server, keys.required(named_server, environ).key
    except KeyRequired as problem:
        if login_sessions.find(named_server.url):
            return named_server, Secret("")
        if moment := login_sessions.ended(named_server.url):
            until = time.strftime("%H:%M", time.localtime(moment))
            problem.problem = (
                f"your session at {named_server.name} ended at {until}, and there is no key for it."
            )
        raise


def configured(environ: Mapping[str, str] = os.environ) -> tuple[Server, Secret]:
    """Return the server of the environment or the file, with its key; else the sandbox."""
    return connection(choose(environ=environ).server, environ)
