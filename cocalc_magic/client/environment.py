"""The way to a server that the environment asks for: proxies, certificates, the quoting of addresses.

requests finds it, since that is what people know how to set it for. It is loaded where there is something to
find: not for plain HTTP on this machine.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from cocalc_magic.client.connections import POOLS, socks_pools

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool, PoolManager, ProxyManager

    from cocalc_magic.config import Server

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_READ = (*_PROXIES, *map(str.upper, _PROXIES), "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def settings() -> tuple[str | None, ...]:
    """Return what of the environment may change the way."""
    return tuple(map(os.environ.get, _READ))


class EnvironmentRoute:
    """The way to one server.

    Args:
        server: The server; one on this machine is reached without the proxies of the environment.
        connections: The number of connections that are kept open.
    """

    def __init__(self, server: Server, connections: int) -> None:
        self._server = server
        self._adapter = _Adapter(pool_maxsize=connections)
        self._proxies, verify = merged_settings(server)
        self.pool = self._adapter.pool_for(_prepared(server.url), verify, self._proxies)

    def target(self, path: str) -> str:
        """Return what stands in the request line for a path below the server's address."""
        target: str = self._adapter.request_url(_prepared(self._server.url + path), self._proxies)
        return target

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()


class _Adapter(HTTPAdapter):
    """An adapter whose connections work for the current `RequestState`."""

    def pool_for(
        self, request: requests.PreparedRequest, verify: bool | str | None, proxies: dict[str, str]
    ) -> HTTPConnectionPool:
        """Return the pool of connections to the host of a request."""
        requests_own: Any = super()  # its types are not those of the pools that it is given
        pool: HTTPConnectionPool = requests_own.get_connection_with_tls_context(request, verify, proxies)
        requests_own.cert_verify(pool, request.url, verify, None)
        return pool

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        super().init_poolmanager(*args, **keywords)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **keywords: Any) -> ProxyManager | PoolManager:
        manager: ProxyManager | PoolManager = super().proxy_manager_for(proxy, **keywords)
        manager.pool_classes_by_scheme = socks_pools() if proxy.lower().startswith("socks") else POOLS
        return manager


def merged_settings(server: Server) -> tuple[dict[str, str], bool | str | None]:
    """Return the proxies and the certificates for a server: its own, else those of the environment."""
    session = requests.Session()
    # Proxies of the environment have no place between two processes of one machine.
    session.trust_env = not server.loopback
    # Given here, since what a session holds yields to the environment.
    merged = session.merge_environment_settings(server.url, proxies(server), True, server.ca or None, None)
    return dict(merged["proxies"]), merged["verify"]


def proxies(server: Server) -> dict[str, str]:
    """Return the proxy of a server's own settings, by scheme."""
    return {"http": server.proxy, "https": server.proxy} if server.proxy else {}


def _prepared(url: str) -> requests.PreparedRequest:
    request = requests.PreparedRequest()
    request.prepare_method("POST")
    request.prepare_url(url, None)
    return request
