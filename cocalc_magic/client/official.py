"""The official client, the package `cocalc-api`: set up for one server and its key."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import CoCalcError, PackageMissing

if TYPE_CHECKING:
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret


Check = Callable[[str], None]
"""Raises what forbids to send a message of this name."""


def connected(server: Server, key: Secret, project_id: str | None = None, check: Check | None = None) -> Any:
    """Return a `cocalc_api.Hub` for the server, or a `cocalc_api.Project` where a project is named.

    Its own host is cocalc.com, which is retired, so the server's address is given to it. It uses the server's
    certificates and proxy as our own client does, and ignores proxies of the environment for a server on this
    machine. It holds the key as plain text, in `api_key`.

    Args:
        server: The server.
        key: Its key.
        project_id: The project.
        check: Called before each call, on a server that does not take all of them.

    Raises:
        PackageMissing: The package is not installed.
    """
    if server.answer is not None:
        raise CoCalcError("the official client speaks HTTP, and a sandbox in this process does not.")
    try:
        import httpx  # late: they need not be installed
        from cocalc_api import Hub, Project
    except ImportError:
        raise PackageMissing("the package cocalc-api is not installed.", "%pip install cocalc-api") from None
    text = key.reveal()
    if project_id is None:
        client: Any = Hub(api_key=text, host=server.url)
    else:
        client = Project(api_key=text, host=server.url, project_id=project_id)
    usual = client.client
    client.client = httpx.Client(
        auth=usual.auth,
        headers=usual.headers,
        timeout=usual.timeout,
        trust_env=not server.loopback,
        verify=ssl.create_default_context(cafile=server.ca) if server.ca else True,
        proxy=server.proxy or None,
    )
    usual.close()
    if check is not None:
        client.call = _checked(client.call, check, "" if project_id is None else "project:")
    return client


def _checked(call: Callable[..., Any], check: Check, prefix: str) -> Callable[..., Any]:
    def checked_call(name: str, *arguments: Any, **keywords: Any) -> Any:
        check(f"{prefix}{name}")
        return call(name, *arguments, **keywords)

    return checked_call
