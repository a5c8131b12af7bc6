"""A widget that notes what it sends to pages, and can be asked as a page asks."""

from __future__ import annotations

from typing import Any


class Watched:
    """To be mixed in before the widget's class."""

    _handle_msg: Any

    def __init__(self, *arguments: Any) -> None:
        self.sent: list[Any] = []
        super().__init__(*arguments)

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(content)

    def asked(self, **content: Any) -> Any:
        """The last that was sent, after this message of a page."""
        self._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        return self.sent[-1] if self.sent else None
