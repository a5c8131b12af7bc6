"""The official client, the package ``cocalc-api``: set up for one server and its key."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import PackageMissing

if TYPE_CHECKING:
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret


def connected(server: Server, key: Secret, project_id: str | None = None) -> Any:
    """A ``cocalc_api.Hub`` for the server, or a ``cocalc_api.Project`` where a project is named.

    It goes the same way as our own client: with the server's certificates and proxy, and to a server of
    this machine with none of the environment's. It holds the key as plain text, in ``api_key``. Raises
    :class:`PackageMissing` where the package is not there.
    """
    try:
        import httpx
        from cocalc_api import Hub, Project
    except ImportError:
        raise PackageMissing("the package cocalc-api is not installed.", "%pip install cocalc-api") from None
    text = key.reveal()
    if project_id is None:
        made: Any = Hub(api_key=text, host=server.url)
    else:
        made = Project(api_key=text, host=server.url, project_id=project_id)
    usual = made.client
    made.client = httpx.Client(
        auth=usual.auth,
        headers=usual.headers,
        timeout=usual.timeout,
        trust_env=not server.loopback,
        verify=ssl.create_default_context(cafile=server.ca) if server.ca else True,
        proxy=server.proxy or None,
    )
    usual.close()
    return made
