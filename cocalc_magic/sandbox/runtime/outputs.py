"""Collect a kernel's messages as the outputs of one input, in the recorded form.

The form is that of notebooks without `output_type` and `execution_count`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

LIMIT = 1_000_000  # characters of JSON, as on the recorded server

Output = dict[str, Any]


@dataclass
class Outputs:
    """The outputs of one input; what exceeds the limit is dropped, and a notice says so."""

    limit: int = LIMIT
    items: list[Output] = field(default_factory=list)
    complete: bool = True
    _size: int = 0
    _clear_next: bool = False
    _displays: dict[str, Output] = field(default_factory=dict)

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Add one message of the kernel's output channel; other types are ignored."""
        if kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self._clear()
        elif kind == "update_display_data":
            shown = self._displays.get(_display_id(content))
            if shown is not None and self._reserve(_data(content)):
                shown.clear()
                shown.update(_data(content))
        elif kind in _FORMS:
            self._append(_FORMS[kind](content), _display_id(content))

    def note(self, text: str) -> None:
        """Add a text of the sandbox, even over the limit; the outputs are incomplete then."""
        self.complete = False
        self.items.append({"name": "stderr", "text": text})

    def _append(self, output: Output, display_id: str) -> None:
        if self._clear_next:
            self._clear()
        if not self._reserve(output):
            return
        last = self.items[-1] if self.items else {}
        if "text" in output and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            self.items.append(output)
        if display_id:
            self._displays[display_id] = output

    def _reserve(self, output: Output) -> bool:
        self._size += len(json.dumps(output, ensure_ascii=False))
        if self._size > self.limit and self.complete:
            self.complete = False
            notice = f"Output truncated since it exceeded the cell output limit of {self.limit} characters"
            self.items.append({"name": "stdout", "output_type": "stream", "text": [notice]})
        return self._size <= self.limit

    def _clear(self) -> None:
        self.items.clear()
        self._displays.clear()
        self._size, self._clear_next, self.complete = 0, False, True


def _stream(content: dict[str, Any]) -> Output:
    return {"name": str(content.get("name", "stdout")), "text": str(content.get("text", ""))}


def _data(content: dict[str, Any]) -> Output:
    output: Output = {"data": content.get("data") or {}}
    if content.get("metadata"):
        output["metadata"] = content["metadata"]
    return output


def _error(content: dict[str, Any]) -> Output:
    return {name: content.get(name) for name in ("traceback", "ename", "evalue")}


def _display_id(content: dict[str, Any]) -> str:
    transient = content.get("transient")
    return str(transient.get("display_id") or "") if isinstance(transient, dict) else ""


_FORMS = {"stream": _stream, "display_data": _data, "execute_result": _data, "error": _error}
