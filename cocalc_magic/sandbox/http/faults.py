"""Scheduled faults, to teach and to test what a client has to cope with.

A fault applies to the next requests of an API, as often as it says. Faults that refuse (`status`, `html`,
`drop`) do so before anything is done, unless `after` lets the message be carried out first.
"""

from __future__ import annotations

import html
import threading
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.http.messages import REASONS, Response, error_page, json_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_FAULTS = 100
MAX_TIMES = 1_000_000
MAX_LATENCY = 600.0  # seconds
GATEWAY = 502
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>\n"
_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    **REASONS,
}


class InvalidFault(Exception):
    """Raised for a fault that cannot be scheduled; the text says what to write."""


@dataclass(frozen=True)
class Fault:
    """A fault of responses.

    Args:
        status: The HTTP status that requests are refused with.
        retry_after: Seconds, in the header of that name.
        latency: Seconds before the response.
        drop: Whether the connection closes without a response.
        html: Whether a request is refused by an HTML page, as by a proxy.
        truncate: The number of bytes of the body that are sent.
        content_type: The content type that the response claims.
        after: Whether the request is carried out before it is refused.
        event: The only event that it applies to.
        every: It applies to one request of so many, the first of them left alone.
        times: The number of requests that it applies to.
    """

    status: int | None = None
    retry_after: float | None = None
    latency: float = 0.0
    drop: bool = False
    html: bool = False
    truncate: int | None = None
    content_type: str | None = None
    after: bool = False
    event: str | None = None
    every: int = 1
    times: int = 1

    @property
    def words(self) -> str:
        """What it does to a response, in a few words."""
        status = self.status or (GATEWAY if self.html else None)
        parts = (
            f"{self.latency:g} s late" if self.latency else "",
            "connection closed" if self.drop else "",
            f"{status}{' as a page' if self.html else ''}" if status and not self.drop else "",
            f"cut after {self.truncate} bytes" if self.truncate is not None else "",
            f"as {self.content_type}" if self.content_type else "",
        )
        return f"fault: {', '.join(filter(None, parts))}"

    def matches(self, path: str) -> bool:
        """Tell whether it applies to a request for this path."""
        return self.event is None or path.rstrip("/").endswith(f"/{self.event.strip('/')}")


class Faults:
    """The scheduled faults, the oldest first. Every method is safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scheduled: list[Fault] = []
        self._passed: dict[int, int] = {}  # requests left alone since a fault last applied, by its identity

    def schedule(self, fault: Fault) -> None:
        """Schedule a fault. Raises `InvalidFault` where too many are scheduled."""
        with self._lock:
            if len(self._scheduled) >= MAX_FAULTS:
                raise InvalidFault(f"{MAX_FAULTS} faults are scheduled already; clear them first.")
            self._scheduled.append(fault)

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._scheduled.clear()
            self._passed.clear()

    def list(self) -> list[dict[str, Any]]:
        """Return the scheduled faults, without their defaults."""
        with self._lock:
            return [_shown(fault) for fault in self._scheduled]

    def due(self, path: str) -> Fault | None:
        """Return the fault that applies to a request for this path, and count it."""
        if not self._scheduled:  # nearly always: without waiting for the lock
            return None
        with self._lock:
            for index, fault in enumerate(self._scheduled):
                if fault.matches(path) and self._is_turn(fault):
                    rest = replace(fault, times=fault.times - 1)
                    self._scheduled[index : index + 1] = [rest] if rest.times else []
                    return fault
        return None

    def _is_turn(self, fault: Fault) -> bool:
        """Count a request that a fault is for, and tell whether it applies to it."""
        if fault.every == 1:
            return True
        passed = self._passed.pop(id(fault), 0) + 1
        if passed == fault.every:
            return True
        self._passed[id(fault)] = passed
        return False


def parse(fields: Mapping[str, Any]) -> Fault:
    """Return a fault of plain values. Raises `InvalidFault`."""
    unknown = next((name for name in fields if name not in _CHECKS), None)
    if unknown is not None:
        raise InvalidFault(f"a fault has no {unknown!r}. It has: {', '.join(_CHECKS)}.")
    for name, value in fields.items():
        is_valid, description = _CHECKS[name]
        if value is not None and not is_valid(value):
            raise InvalidFault(f"{name} is {description}, not {value!r}.")
    fault = Fault(**{name: value for name, value in fields.items() if value is not None})
    if replace(fault, times=1, event=None, after=False, every=1) == Fault():
        raise InvalidFault(
            "nothing would go wrong. Say what: status, latency, drop, html, truncate, content_type."
        )
    return fault


def apply(fault: Fault, answer: Callable[[], Response]) -> Response:
    """Apply a fault to a request, which `answer` carries out, and return the response."""
    refuses = fault.status is not None or fault.html or fault.drop
    response = answer() if fault.after or not refuses else None
    if fault.status is not None or fault.html:
        response = _refusal(fault)
    response = response or error_page(500)
    return replace(
        response,
        content_type=fault.content_type or response.content_type,
        delay=fault.latency,
        dropped=fault.drop,
        sent_bytes=fault.truncate,
    )


def _refusal(fault: Fault) -> Response:
    status = fault.status or GATEWAY
    reason = _REASONS.get(status, "Error")
    seconds = fault.retry_after
    headers = () if seconds is None else (("Retry-After", f"{seconds:g}"),)
    if fault.html:
        page = _PAGE.format(html.escape(f"{status} {reason}"))
        return Response(status, "text/html", page.encode(), headers)
    return json_response(status, {"error": reason}, headers)


def _shown(fault: Fault) -> dict[str, Any]:
    plain = asdict(Fault())
    return {name: value for name, value in asdict(fault).items() if value != plain[name] or name == "times"}


def _number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


_FLAG: tuple[Callable[[Any], bool], str] = (lambda value: isinstance(value, bool), "true or false")
_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "status": (lambda value: _whole(value, 200, 599), "an HTTP status from 200 to 599"),
    "retry_after": (lambda value: _number(value, 0, 86_400), "a number of seconds"),
    "latency": (lambda value: _number(value, 0, MAX_LATENCY), f"0 to {MAX_LATENCY:.0f} seconds"),
    "drop": _FLAG,
    "html": _FLAG,
    "truncate": (lambda value: _whole(value, 0, 10**9), "a number of bytes"),
    "content_type": (
        lambda value: isinstance(value, str) and value.isprintable() and 0 < len(value) < 100,
        "a short text such as text/plain",
    ),
    "after": _FLAG,
    "event": (lambda value: isinstance(value, str) and 0 < len(value) < 100, "the name of an event"),
    "every": (lambda value: _whole(value, 1, MAX_TIMES), f"a number from 1 to {MAX_TIMES:,}"),
    "times": (lambda value: _whole(value, 1, MAX_TIMES), f"a number from 1 to {MAX_TIMES:,}"),
}
