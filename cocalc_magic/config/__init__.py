"""Which server messages go to, and with which key.

secret           keys, held so that they are not shown
server           a server and its address
servers_file     the named servers, in a file
keyring, keyfile where keys are saved
keys             where the key of a server comes from
pasted           keys as people paste them
login_sessions   sessions of people who have signed in
scope            what a scoped key may do, as far as that is known
saved_scope      what was said of a key that is saved
typed_secrets    keys that stand in a cell, refused
sandbox_process  the embedded sandbox as a process
resolve          which server is meant

From the bottom up: secret, keyring, pasted, server, sandbox_process, servers_file, keyfile, login_sessions,
typed_secrets, scope, saved_scope, keys, resolve.
"""

from __future__ import annotations

from cocalc_magic.config.resolve import Choice, at, choose, configured, connection
from cocalc_magic.config.sandbox_process import EmbeddedSandbox, sandbox
from cocalc_magic.config.server import COCALC_AI, COCALC_COM, Server, in_service, named, normal, safe
from cocalc_magic.config.servers_file import SANDBOX

__all__ = [
    "COCALC_AI",
    "COCALC_COM",
    "SANDBOX",
    "Choice",
    "EmbeddedSandbox",
    "Server",
    "at",
    "choose",
    "configured",
    "connection",
    "in_service",
    "named",
    "normal",
    "safe",
    "sandbox",
]
