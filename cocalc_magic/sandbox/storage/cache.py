"""A bounded LRU cache that computes each entry once, even under concurrent callers."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def content_hash(value: Any) -> str:
    """Return the SHA-1 hex digest of a value's canonical JSON (sorted keys, no blanks), as CoCalc does."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class SingleFlightCache(Generic[T]):
    """Cache of results by key that evicts the least recently used.

    Args:
        max_bytes: Total size of the cached results, as reported by the caller.
        max_entries: Number of cached results.
    """

    def __init__(self, max_bytes: int, max_entries: int = 1_000) -> None:
        self._max_bytes, self._max_entries = max_bytes, max_entries
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._in_flight: dict[str, Future[T]] = {}

    def get(self, key: str) -> T | None:
        """Return the cached result, or `None`."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def get_or_compute(self, key: str, compute: Callable[[], T], size: Callable[[T], int | None]) -> T:
        """Return the cached result, or compute and cache it.

        Callers that ask for the same key meanwhile wait for that one computation. An exception raised by
        `compute` reaches all of them and is not cached; a result whose size is `None` is not cached
        either.
        """
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
            future = self._in_flight.get(key)
            own = None if future else self._in_flight.setdefault(key, Future())
        if future:
            return future.result()
        assert own  # noqa: S101 - one of the two exists
        return self._compute(key, own, compute, size)

    def _compute(
        self, key: str, future: Future[T], compute: Callable[[], T], size: Callable[[T], int | None]
    ) -> T:
        try:
            result = compute()
        except BaseException as problem:
            with self._lock:
                del self._in_flight[key]
            future.set_exception(problem)
            raise
        with self._lock:
            del self._in_flight[key]
            self._add(key, result, size(result))
        future.set_result(result)
        return result

    def _add(self, key: str, result: T, size: int | None) -> None:
        if size is None or size > self._max_bytes:
            return
        self._entries[key] = (result, size)
        while len(self._entries) > self._max_entries or self._total() > self._max_bytes:
            self._entries.popitem(last=False)

    def _total(self) -> int:
        return sum(size for _, size in self._entries.values())
