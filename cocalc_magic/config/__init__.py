"""Where messages go.

address    a server and its address
settings   the servers that a person has named, in a file
keys       where the key of each comes from
choice     which of them is meant
embedded   the sandbox as a process
"""

from __future__ import annotations

from cocalc_magic.config.resolve import Choice, at, choose, configured, connection
from cocalc_magic.config.sandbox_process import EmbeddedSandbox, sandbox
from cocalc_magic.config.server import COCALC_COM, Server, named, normal, safe
from cocalc_magic.config.servers_file import SANDBOX

__all__ = [
    "COCALC_COM",
    "SANDBOX",
    "Choice",
    "EmbeddedSandbox",
    "Server",
    "at",
    "choose",
    "configured",
    "connection",
    "named",
    "normal",
    "safe",
    "sandbox",
]
