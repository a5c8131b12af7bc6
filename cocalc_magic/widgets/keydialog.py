"""The key dialog: the keys of an account or a project in a table, and a new key's text, once.

The text is in no state, since state is sent to every page of the kernel and saved with the notebook. The
page asks for it with random bytes of its own (a pad, good once), and gets text and pad combined: what the
kernel sends goes to all of its pages and to whoever records it, and says nothing without the pad, which
went to the kernel alone.
"""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Any, Protocol

import anywidget
from traitlets import Bool, Dict, List, Unicode

from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.secrets import Secret

_HERE = pathlib.Path(__file__)
PAD = 512  # bytes, more than any key has


class Keys(Protocol):
    """What the dialog does, in sentences without a key; each may raise :class:`CoCalcError`."""

    title: str

    def places(self) -> list[str]:
        """Where a new key can be kept, the best first."""

    def rows(self) -> list[dict[str, Any]]:
        """The keys, without their texts."""

    def made(self) -> dict[str, Any]:
        """The new key whose text can still be had, without it."""

    def create(self, name: str, days: str) -> str:
        """Makes a key that expires after so many days, or never."""

    def edit(self, number: int, name: str, days: str | None) -> str:
        """Changes name and, where ``days`` is not ``None``, expiry."""

    def delete(self, number: int) -> str:
        """Forgets a key."""

    def take(self) -> Secret:
        """The text of the new key, this one time."""

    def save(self, place: str) -> str:
        """Keeps the new key."""


class KeyDialog(anywidget.AnyWidget):
    """The dialog. ``alone``: nothing but a key whose text can be had once."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(_HERE.with_suffix(".js").read_text(encoding="utf-8")).tag(sync=True)
    _css = Unicode(_HERE.with_suffix(".css").read_text(encoding="utf-8")).tag(sync=True)

    heading = Unicode().tag(sync=True)
    alone = Bool().tag(sync=True)
    rows = List(trait=Dict()).tag(sync=True)
    made = Dict().tag(sync=True)
    places = List(trait=Unicode()).tag(sync=True)
    said = Unicode().tag(sync=True)
    tone = Unicode().tag(sync=True)  # "", "busy", "done" or "error"

    def __init__(self, desk: Keys, *, alone: bool = False) -> None:
        super().__init__(heading=desk.title, alone=alone, places=desk.places(), made=desk.made())
        self._desk = desk
        self.on_msg(self._asked)
        self._do(lambda: "")

    def _asked(self, _: Any, content: Any, __: Any) -> None:
        """A page asks for something; what it sends besides is not for us."""
        act = _ACTIONS.get(str(content.get("do"))) if isinstance(content, dict) else None
        if act:
            self._do(lambda: act(self, content))

    def _do(self, act: Callable[[], str]) -> None:
        self.tone, self.said = "busy", "Asking the server …"
        try:
            said = act()
            if not self.alone:
                self.rows = self._desk.rows()
            self.said, self.tone = said, "done" if said else ""
        except CoCalcError as problem:
            self.said, self.tone = str(problem), "error"
        except BaseException:
            self.said, self.tone = "This did not work; the kernel's log has the reason.", "error"
            raise
        finally:
            self.made = self._desk.made()

    def _show(self, asked: Mapping[str, Any]) -> str:
        pad = _pad(asked.get("pad"))
        # One expression: no variable holds the text.
        self.send({"shown": [a ^ b for a, b in zip(self._desk.take().reveal().encode(), pad, strict=False)]})
        return "This is its text. It is not shown again."


def _pad(given: Any) -> bytes:
    """The page's random bytes; raises :class:`CoCalcError` where they are too few to hide a key."""
    try:
        pad = bytes(given)
    except (TypeError, ValueError):
        pad = b""
    if len(pad) < PAD:
        raise CoCalcError("the page did not ask as it should; reload it.")
    return pad


def _number(asked: Mapping[str, Any]) -> int:
    number = asked.get("id")
    if not isinstance(number, int):
        raise CoCalcError("the page named no key.")
    return number


def _days(asked: Mapping[str, Any]) -> str | None:
    days = asked.get("days")
    return None if days is None else str(days).strip()


_ACTIONS: dict[str, Callable[[KeyDialog, Mapping[str, Any]], str]] = {
    "refresh": lambda _, __: "",
    "create": lambda one, asked: one._desk.create(str(asked.get("name", "")), _days(asked) or ""),
    "edit": lambda one, asked: one._desk.edit(_number(asked), str(asked.get("name", "")), _days(asked)),
    "delete": lambda one, asked: one._desk.delete(_number(asked)),
    "show": KeyDialog._show,
    "save": lambda one, asked: one._desk.save(str(asked.get("place", ""))),
}
