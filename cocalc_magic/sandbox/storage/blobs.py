"""Files that belong to no project, by an id that is made of their content; kept in memory, up to a limit."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

MAX_BYTES = 64 * 1024 * 1024  # of all; those that were added first go first


class Blobs:
    """All blobs of a world. Every method is safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blobs: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def add(self, content: bytes) -> str:
        """Keep a content; return its id."""
        blob_id = blob_id_of(content)
        with self._lock:
            if blob_id not in self._blobs:
                self._blobs[blob_id] = content
                self._size += len(content)
            while self._size > MAX_BYTES:
                self._size -= len(self._blobs.popitem(last=False)[1])
        return blob_id

    def get(self, blob_id: str) -> bytes | None:
        """Return the content of this id."""
        return self._blobs.get(blob_id)


def blob_id_of(content: bytes) -> str:
    """Return the id of a content, made of its SHA-1 as servers make it."""
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    variant = f"{int(digest[15], 16) & 3 | 8:x}"
    return f"{digest[:8]}-{digest[8:12]}-4{digest[12:15]}-{variant}{digest[16:19]}-{digest[19:31]}"
