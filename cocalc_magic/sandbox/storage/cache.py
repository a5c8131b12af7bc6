"""What was found out once, given again to who asks the same: within bounds, and found out once at a time."""

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


def hash_of(question: Any) -> str:
    """The key of a question: SHA-1, in hex, of its JSON with sorted names and no blanks."""
    text = json.dumps(question, sort_keys=True, separators=(",", ":"))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Remembered(Generic[T]):
    """Results by key, the longest unasked forgotten first. ``room`` and the sizes are bytes, roughly."""

    def __init__(self, room: int, most: int = 1_000) -> None:
        self._room, self._most = room, most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._awaited: dict[str, Future[T]] = {}

    def find(self, key: str) -> T | None:
        """What is kept of this key."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def get(self, key: str, make: Callable[[], T], size: Callable[[T], int | None]) -> T:
        """What is kept of this key, else what ``make`` gives; who asks meanwhile waits for the same.

        A result of size ``None`` is not kept. What ``make`` raises is raised to all who wait.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
            awaited = self._awaited.get(key)
            mine = None if awaited else self._awaited.setdefault(key, Future())
        if awaited:
            return awaited.result()
        assert mine  # noqa: S101 - one of the two is
        return self._make(key, mine, make, size)

    def _make(self, key: str, mine: Future[T], make: Callable[[], T], size: Callable[[T], int | None]) -> T:
        try:
            result = make()
        except BaseException as problem:
            with self._lock:
                del self._awaited[key]
            mine.set_exception(problem)
            raise
        with self._lock:
            del self._awaited[key]
            self._keep(key, result, size(result))
        mine.set_result(result)
        return result

    def _keep(self, key: str, result: T, size: int | None) -> None:
        if size is None or size > self._room:
            return
        self._kept[key] = (result, size)
        while len(self._kept) > self._most or sum(size for _, size in self._kept.values()) > self._room:
            self._kept.popitem(last=False)
