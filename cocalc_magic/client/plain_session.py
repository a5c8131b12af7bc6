"""A session of requests for one server, without a key: HTTP by hand, by the way that messages go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from cocalc_magic.client.environment import merged_settings

if TYPE_CHECKING:
    from cocalc_magic.config import Server


def plain_session(server: Server) -> requests.Session:
    """Return the session; neither our key nor one of `~/.netrc` is in it."""
    if server.answer is not None:
        from cocalc_magic.sandbox import adapter  # late: few sandboxes are no processes

        return adapter.session(server.url, server.answer)
    session = requests.Session()
    session.trust_env = False  # which would add what ~/.netrc has; what else it finds is here
    proxies, verify = merged_settings(server)
    session.proxies.update(proxies)
    session.verify = True if verify is None else verify
    return session
