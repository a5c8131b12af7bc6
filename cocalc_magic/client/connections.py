"""Connections of urllib3 that keep one deadline for a whole request, and can be aborted.

The timeouts of sockets are for one operation each: a server that sends a byte now and then is never late.
Here every operation on a socket gets the time that is left to the request it works for, and what arrives is
counted. Connections find their request by its context, as urllib3 hands nothing through to them.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.client.request_state import CONNECT_TIMEOUT, Phase, RequestState, current_request

if TYPE_CHECKING:
    from collections.abc import Iterable


_PIECE = 16 * 1024  # bytes that are sent under one timeout: a record of TLS


class _SocketReader(io.RawIOBase):
    """Reads from a socket under the deadline of a request, and counts the bytes for it."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, state: RequestState) -> None:
        super().__init__()
        self._raw, self._socket, self._state = raw, sock, state

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(self._state.remaining())
        count: int = self._raw.readinto(buffer)
        self._state.receive(count)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _LineCounter(io.BufferedReader):
    """A reader that counts the bytes it returned as lines: all that comes before a body."""

    in_lines = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.in_lines += len(line)
        return line


class _HttpResponse(http.client.HTTPResponse):
    """A response read from a socket; interim responses (100 Continue) before it are skipped."""

    def __init__(self, sock: socket.socket, *args: Any, **keywords: Any) -> None:
        super().__init__(sock, *args, **keywords)
        self._state = current_request()
        if self._state:
            raw: Any = self.fp.detach()
            self.fp = _LineCounter(_SocketReader(raw, sock, self._state))

    def begin(self) -> None:
        super().begin()
        while 100 < self.status < 200 and self.status != http.HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = None  # type: ignore[assignment]  # as before the first
            super().begin()
        if self._state and isinstance(self.fp, _LineCounter):
            self._state.begin_body(self.fp.in_lines)


class _Bounded(HTTPConnection):
    """A connection that works under the deadline of the request it carries.

    By the time that request is aborted, the connection may already carry another thread's.
    """

    response_class = _HttpResponse
    debuglevel = 0  # with http.client.HTTPConnection.debuglevel = 1, as people set it, all is printed

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._lock = threading.Lock()
        self._carries: RequestState | None = None
        self._gathering, self._unsent = False, b""

    def connect(self) -> None:
        if state := self._take():
            state.phase = Phase.CONNECTING
        super().connect()

    def _new_conn(self) -> socket.socket:
        state = current_request()
        if state is None:
            return super()._new_conn()
        sock = self._open(state)
        try:
            state.phase = Phase.HANDSHAKE
            sock.settimeout(state.remaining(CONNECT_TIMEOUT))  # which that of TLS takes over
        except BaseException:
            sock.close()
            raise
        return sock

    def _open(self, state: RequestState) -> socket.socket:
        """Open the socket; urllib3's own way has no deadline for looking the name up."""
        return _open_socket(self.host, self.port or self.default_port, state, self.socket_options or ())

    def request(self, *args: Any, **keywords: Any) -> None:
        self._take()
        if self.sock is None:
            self.connect()
        self._gathering = True
        try:
            super().request(*args, **keywords)
            self._write(self._unsent)
        finally:
            self._gathering, self._unsent = False, b""

    def send(self, data: Any) -> None:
        """Send bytes; the headers of a request and a short body go in one piece."""
        if self._gathering and len(self._unsent) + len(data) < _PIECE:
            self._unsent += data
            return
        unsent, self._unsent = self._unsent, b""
        self._write(unsent)
        self._write(data)

    def _write(self, data: bytes) -> None:
        state = current_request()
        if state:
            state.phase = Phase.SENDING
        with memoryview(data) as view:
            for start in range(0, len(view), _PIECE):
                if state:
                    self.sock.settimeout(state.remaining())
                self.sock.sendall(view[start : start + _PIECE])

    def getresponse(self) -> Any:
        if state := current_request():
            state.phase = Phase.WAITING
        return super().getresponse()

    def abort_for(self, state: RequestState) -> None:
        """Shut the socket down if it works for this request."""
        with self._lock:
            # TLS within TLS has no socket here, and ends by its deadline.
            if self._carries is state and isinstance(self.sock, socket.socket):
                try:
                    # Past TLS, whose own shutdown changes what the other thread is reading with.
                    socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
                except OSError:
                    return  # it has ended

    def _take(self) -> RequestState | None:
        state = current_request()
        with self._lock:
            self._carries = state
        if state:
            state.use(self)
        return state


class _BoundedTLS(_Bounded, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _BoundedTLS


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _PoolTLS}
"""The pools of these connections, by scheme."""


@cache
def socks_pools() -> dict[str, type[HTTPConnectionPool]]:
    """Define the classes for SOCKS; PySocks is installed where they are needed."""
    # Late: few are behind such a proxy.
    from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

    class Socks(_Bounded, SOCKSConnection):
        def _open(self, state: RequestState) -> socket.socket:
            del state
            sock: socket.socket = SOCKSConnection._new_conn(self)
            return sock

    class SocksTLS(Socks, SOCKSHTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Socks

    class PoolTLS(HTTPSConnectionPool):
        ConnectionCls = SocksTLS

    return {"http": Pool, "https": PoolTLS}


def _open_socket(host: str, port: int, state: RequestState, options: Iterable[Any]) -> socket.socket:
    """Connect to the first address of a host that answers; each gets its share of the time."""
    until = time.monotonic() + state.remaining(CONNECT_TIMEOUT)
    addresses = _resolve(host, port, until - time.monotonic())
    problem: OSError = TimeoutError()
    for place, (family, kind, protocol, _, address) in enumerate(addresses):
        if (left := until - time.monotonic()) <= 0:
            break
        try:
            sock = socket.socket(family, kind, protocol)
            return _connect(sock, address, left / (len(addresses) - place), options)
        except OSError as error:
            problem = error
    raise problem


def _connect(sock: socket.socket, address: Any, seconds: float, options: Iterable[Any]) -> socket.socket:
    try:
        for option in options:
            sock.setsockopt(*option)
        sock.settimeout(seconds)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """Look a host up, in a thread of its own where that may exceed the deadline."""

    def look_up() -> list[Any]:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)

    if host == "localhost" or _is_address(host):
        return look_up()
    return CancelToken().run(look_up, seconds)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
