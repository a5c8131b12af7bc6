"""Check that a request is for this server: by its `Host` header and its target, both parsed strictly.

A page of another site whose name resolves to this machine (DNS rebinding) must not reach the sandbox.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


class NotServed(Exception):
    """Raised for a request that is for another server, or names none; `status` is that of the response."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


def local_target(target: str, hosts: Sequence[str]) -> tuple[str, str]:
    """Return the requested path (with its query), and the host. Raises `NotServed`."""
    if len(hosts) > 1:
        raise NotServed(400, "a request has one Host header")
    host = hosts[0] if hosts else ""
    if absolute := _ABSOLUTE.fullmatch(target):  # as sent to a proxy; it takes precedence over the header
        _require_local(host)
        host, target = absolute[1], absolute[2] or "/"
    if not target.startswith("/"):
        raise NotServed(400, "the target of a request is a path here")
    _require_local(host)
    return target, host


def _require_local(host: str) -> None:
    match = _LOCAL.fullmatch(host)
    if not match or int(match[1] or 0) > 65_535:
        raise NotServed(403, "this host name is not served here")
