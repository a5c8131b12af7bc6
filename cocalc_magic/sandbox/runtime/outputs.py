"""Collect a kernel's messages as the outputs of one input, as the recorded server does.

An output is the content of a message of the kernel, as it came, without what only says how far the kernel
is, and without empty objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cocalc_magic.sandbox.js_compat import as_text, stringify

LIMIT = 1_000_000  # characters of JSON of one input, as on the recorded server
TOTAL = 5_000_000  # of all inputs of a message
MAX_ITEMS = 10_000  # further ones are dropped
MAX_NOTICES = 10  # likewise: a server has one for each message over the limit

Output = dict[str, Any]
_STATE = ("execution_state", "execution_count", "payload", "code", "status", "source")


@dataclass
class Outputs:
    """The outputs of one input; each that exceeds a limit is replaced by a notice, but for errors."""

    limit: float = LIMIT
    total: float = TOTAL
    items: list[Output] = field(default_factory=list)
    complete: bool = True
    _size: int = 0
    _notices: int = 0

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Add one message of the kernel's output channel."""
        if kind == "clear_output":
            self.items.clear()
        output = {name: value for name, value in content.items() if name not in _STATE and value != {}}
        if not output or content.get("comm_id") is not None or len(self.items) >= MAX_ITEMS:
            return
        self._size += len(stringify(output))
        if output.get("traceback") is not None:
            self.items.append(output)
        elif self.limit and self._size > self.limit:
            self._notice(f"the cell output limit of {as_text(self.limit)}")
        elif self.total and self._size > self.total:
            self._notice(f"the global output limit of {as_text(self.total)}")
        else:
            self.items.append(output)

    def _notice(self, limit: str) -> None:
        self.complete = False
        self._notices += 1
        if self._notices > MAX_NOTICES:
            return
        text = f"Output truncated since it exceeded {limit} characters"
        self.items.append({"name": "stdout", "output_type": "stream", "text": [text]})
