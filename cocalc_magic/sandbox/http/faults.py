"""Faults on order: what a client must stand, to be taught and tested.

A fault meets the next requests of the API, as often as it says. Those that refuse (``status``,
``html``, ``drop``) do so before anything is done, unless ``after`` lets the message be carried out first.
"""

from __future__ import annotations

import html
import threading
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.http.messages import STATUS_WORDS, Reply, error_page, json_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST = 100  # faults to come
MOST_TIMES = 1_000_000
LONGEST_LATENCY = 600.0  # seconds
GATEWAY = 502
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>\n"
_WORDS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    **STATUS_WORDS,
}


class NoFault(Exception):
    """This is no fault that there is; the text says what to write."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong.

    ``status``: refused with it (with ``html`` by a page, as a proxy does); ``retry_after``: seconds, in the
    header of that name; ``latency``: seconds before the answer; ``drop``: the connection closes without
    one; ``truncate``: so many bytes of the body arrive; ``content_type``: the answer says it is that.
    ``event``: only that one is met; ``times``: so often.
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
    times: int = 1

    def meets(self, path: str) -> bool:
        """Whether a request for this path is met."""
        return self.event is None or path.rstrip("/").endswith(f"/{self.event.strip('/')}")


class Faults:
    """The faults on order, the oldest first. Every method is safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Has it happen. Raises :class:`NoFault` when too many are to come already."""
        with self._lock:
            if len(self._ordered) >= MOST:
                raise NoFault(f"{MOST} faults are to come already; clear them first.")
            self._ordered.append(fault)

    def clear(self) -> None:
        """Calls all off."""
        with self._lock:
            self._ordered.clear()

    def list(self) -> list[dict[str, Any]]:
        """What is to come, without what is not set."""
        with self._lock:
            return [_told(fault) for fault in self._ordered]

    def due(self, path: str) -> Fault | None:
        """The fault that meets a request for this path; it is one less to come then."""
        if not self._ordered:  # nearly always, so that the lock is not waited for
            return None
        with self._lock:
            for index, fault in enumerate(self._ordered):
                if fault.meets(path):
                    self._ordered[index : index + 1] = (
                        [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    )
                    return fault
        return None


def parse(given: Mapping[str, Any]) -> Fault:
    """A fault from plain values; raises :class:`NoFault`."""
    unknown = next((name for name in given if name not in _CHECKS), None)
    if unknown is not None:
        raise NoFault(f"a fault has no {unknown!r}. It has: {', '.join(_CHECKS)}.")
    for name, value in given.items():
        fits, words = _CHECKS[name]
        if value is not None and not fits(value):
            raise NoFault(f"{name} is {words}, not {value!r}.")
    fault = Fault(**{name: value for name, value in given.items() if value is not None})
    if replace(fault, times=1, event=None, after=False) == Fault():
        raise NoFault(
            "nothing would go wrong. Say what: status, latency, drop, html, truncate, content_type."
        )
    return fault


def befall(fault: Fault, answer: Callable[[], Reply]) -> Reply:
    """What goes back when a fault meets a request; ``answer`` carries the request out."""
    refuses = fault.status is not None or fault.html or fault.drop
    reply = answer() if fault.after or not refuses else None
    if fault.status is not None or fault.html:
        reply = _refusal(fault)
    reply = reply or error_page(500)
    return replace(
        reply,
        kind=fault.content_type or reply.kind,
        delay=fault.latency,
        dropped=fault.drop,
        arriving=fault.truncate,
    )


def _refusal(fault: Fault) -> Reply:
    status = fault.status or GATEWAY
    words = _WORDS.get(status, "Error")
    seconds = fault.retry_after
    headers = () if seconds is None else (("Retry-After", f"{seconds:g}"),)
    if fault.html:
        page = _PAGE.format(html.escape(f"{status} {words}"))
        return Reply(status, "text/html", page.encode(), headers)
    return json_reply(status, {"error": words}, headers)


def _told(fault: Fault) -> dict[str, Any]:
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
    "latency": (lambda value: _number(value, 0, LONGEST_LATENCY), f"0 to {LONGEST_LATENCY:.0f} seconds"),
    "drop": _FLAG,
    "html": _FLAG,
    "truncate": (lambda value: _whole(value, 0, 10**9), "a number of bytes"),
    "content_type": (
        lambda value: isinstance(value, str) and value.isprintable() and 0 < len(value) < 100,
        "a short text such as text/plain",
    ),
    "after": _FLAG,
    "event": (lambda value: isinstance(value, str) and 0 < len(value) < 100, "the name of an event"),
    "times": (lambda value: _whole(value, 1, MOST_TIMES), f"a number from 1 to {MOST_TIMES:,}"),
}
