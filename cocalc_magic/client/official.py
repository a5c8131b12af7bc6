"""The official client, the package `cocalc-api`: set up for one server and its key."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import PackageMissing

if TYPE_CHECKING:
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret


def connected(server: Server, key: Secret, project_id: str | None = None) -> Any:
    """Return a `cocalc_api.Hub` for the server, or a `cocalc_api.Project` where a project is named.

    It uses the server's certificates and proxy as our own client does, and ignores proxies of the environment
    for a server on this machine. It holds the key as plain text, in `api_key`.

    Raises:
        PackageMissing: The package is not installed.
    """
    try:
        import httpx
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
    return client
