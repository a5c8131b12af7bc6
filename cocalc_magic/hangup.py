"""Requests whose connection can be ended by another thread, so that they do not wait for their answer."""

from __future__ import annotations

import contextvars
import socket
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3 import PoolManager, ProxyManager

T = TypeVar("T")


class Line:
    """The connection that requests are on while :meth:`run` runs, for another thread to hang up."""

    def __init__(self) -> None:
        self._connection: _Connection | None = None
        self._over = False

    def run(self, work: Callable[[], T]) -> T:
        """What the work gives; its requests are on this line."""
        token = _line.set(self)
        try:
            return work()
        finally:
            _line.reset(token)

    def hang_up(self) -> None:
        """Ends the request that is under way, by an error where it waits; no other begins."""
        self._over = True
        if connection := self._connection:
            connection.end_for(self)

    def take(self, connection: _Connection) -> None:
        """A request is about to be written. Raises :class:`ConnectionAbortedError` after the hanging up."""
        self._connection = connection
        if self._over:
            raise ConnectionAbortedError("nobody waits for this any more")


_line: contextvars.ContextVar[Line | None] = contextvars.ContextVar("cocalc_line", default=None)


class _Connection(HTTPConnection):
    """A connection knows whose request it carries: it may have gone over to another thread's meanwhile."""

    debuglevel = 0  # http.client.HTTPConnection.debuglevel = 1, as people set it, prints the key

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._lock = threading.Lock()
        self._carries: Line | None = None

    def connect(self) -> None:
        super().connect()
        self._taken()

    def request(self, *args: Any, **keywords: Any) -> None:
        self._taken()
        super().request(*args, **keywords)

    def _taken(self) -> None:
        line = _line.get()
        with self._lock:
            self._carries = line
        if line:
            line.take(self)

    def end_for(self, line: Line) -> None:
        """Ends the connection if it carries a request of this line."""
        with self._lock:
            # As ``sock`` of TLS in TLS is no socket, the time limit has to do there.
            if self._carries is line and isinstance(self.sock, socket.socket):
                try:
                    # Past TLS, whose own shutdown changes what the other thread is reading with.
                    socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
                except OSError:
                    return  # it has ended


class _SafeConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _SafePool}


class Adapter(HTTPAdapter):
    """To be mounted on a session of requests, whose connections a :class:`Line` can then hang up."""

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        """Makes the connections of this module."""
        super().init_poolmanager(*args, **keywords)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **keywords: Any) -> ProxyManager | PoolManager:
        """Makes the connections of this module; those through a SOCKS proxy end by their time limit."""
        manager: ProxyManager | PoolManager = super().proxy_manager_for(proxy, **keywords)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager
