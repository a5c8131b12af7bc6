"""What a page asks for in parts: one message to the kernel, one answer back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import anywidget

FAILED = "This did not work; the kernel's log has the reason."


class Rows(anywidget.AnyWidget):
    """A widget that is asked by ``{"do": …}`` and answers with ``do`` and ``ticket`` as they were asked."""

    DOES: tuple[str, ...] = ()

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.on_msg(self._asked)

    @abstractmethod
    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is sent back for one of ``DOES``; what else the page sent is in ``content``, unchecked."""

    def _asked(self, _: Any, content: Any, __: Any) -> None:
        """A page asks; what else it sends is not for us."""
        if not isinstance(content, Mapping) or content.get("do") not in self.DOES:
            return
        asked = {"do": content["do"], "ticket": content.get("ticket")}
        try:
            answer = self.answer(content["do"], content)
        except BaseException:
            self.send({**asked, "problem": FAILED})
            raise
        self.send({**asked, **answer})


def count(value: Any) -> int:
    """A number that a page sent; 0 for what is none."""
    return value if isinstance(value, int) and 0 <= value < 10**12 else 0


def words(value: Any) -> str:
    """A text that a page sent; empty for what is none."""
    return value if isinstance(value, str) else ""
