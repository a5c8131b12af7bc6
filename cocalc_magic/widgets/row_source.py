"""Content that a page requests in parts: one message to the kernel, one answer back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import anywidget

FAILED = "This did not work; the kernel's log has the reason."


class RowSource(anywidget.AnyWidget):
    """A widget that a page asks by `{"do": …}`; the answer repeats the request's `do` and `ticket`."""

    ACTIONS: tuple[str, ...] = ()

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.on_msg(self._answer)

    @abstractmethod
    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the answer to one of `ACTIONS`; `content` is all that the page sent, unchecked."""

    def _answer(self, _: Any, content: Any, __: Any) -> None:
        """Answer a request of a page; ignore other messages."""
        if not isinstance(content, Mapping) or content.get("do") not in self.ACTIONS:
            return
        request = {"do": content["do"], "ticket": content.get("ticket")}
        try:
            answer = self.answer(content["do"], content)
        except BaseException:
            self.send({**request, "problem": FAILED})
            raise
        self.send({**request, **answer})


def count(value: Any) -> int:
    """Return a number that a page sent, or 0 for anything else."""
    return value if isinstance(value, int) and 0 <= value < 10**12 else 0


def text(value: Any) -> str:
    """Return a text that a page sent, or an empty one for anything else."""
    return value if isinstance(value, str) else ""
