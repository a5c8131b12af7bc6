"""The key dialog: the keys of an account or a project in a table, and a new key's text, once.

Older servers have one key an account, for whoever knows the password: another form of the same dialog. A
password comes once, in a message of its own, and is in no state either.

The text is in no state, since state is sent to every page of the kernel and saved with the notebook. The
page asks for it with random bytes of its own (a pad, good once), and gets text and pad combined: what the
kernel sends goes to all of its pages and to whoever records it, and says nothing without the pad, which
went to the kernel alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import anywidget
from traitlets import Dict, List, Unicode

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.render.clean import visible, visible_line
from cocalc_magic.widgets.assets import script, sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Act: TypeAlias = Callable[[Mapping[str, Any]], str]
PAD = 512  # bytes, more than any key has


class NewKey(Protocol):
    """What any form does with a key whose text can be had once, in sentences without it.

    Here and below, each may raise :class:`CoCalcError`.
    """

    title: str

    def places(self) -> list[str]:
        """Where a new key can be kept, the best first."""

    def made(self) -> dict[str, Any]:
        """The new key whose text can still be had, without it."""

    def take(self) -> Secret:
        """The text of the new key, this one time."""

    def save(self, place: str) -> str:
        """Keeps the new key."""


class Keys(NewKey, Protocol):
    """What the form with the list does besides."""

    def rows(self) -> list[dict[str, Any]]:
        """The keys, without their texts."""

    def create(self, name: str, days: str) -> str:
        """Makes a key that expires after so many days, or never."""

    def edit(self, number: int, name: str, days: str | None) -> str:
        """Changes name and, where ``days`` is not ``None``, expiry."""

    def delete(self, number: int) -> str:
        """Forgets a key."""


class OneKey(NewKey, Protocol):
    """What the form of the one key does besides."""

    def change(self, action: str, password: Secret) -> str:
        """``reveal``, ``create``, ``regenerate`` or ``delete``, for whoever knows the password."""


class Dialog(anywidget.AnyWidget):
    """What all forms have; by itself it is nothing but a key whose text can be had once."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("keydialog")).tag(sync=True)
    _css = Unicode(sheet("keydialog")).tag(sync=True)

    heading = Unicode().tag(sync=True)
    form = Unicode("alone").tag(sync=True)  # "list", "one" or "alone"
    rows = List(trait=Dict()).tag(sync=True)
    made = Dict().tag(sync=True)
    places = List(trait=Unicode()).tag(sync=True)
    said = Unicode().tag(sync=True)
    tone = Unicode().tag(sync=True)  # "", "busy", "done" or "error"

    def __init__(self, desk: NewKey) -> None:
        super().__init__(heading=visible_line(desk.title), places=desk.places(), made=_harmless(desk.made()))
        self._new = desk
        self.on_msg(self._asked)

    def _asked(self, _: Any, content: Any, __: Any) -> None:
        """A page asks for something; what it sends besides is not for us."""
        if not isinstance(content, dict):
            return
        # Out of the message, which tracebacks may show.
        asked = content | {"password": Secret(str(content.pop("password", "")))}
        if act := self._actions().get(str(content.get("do"))):
            self._do(lambda: act(asked))

    def _actions(self) -> dict[str, Act]:
        """What a page may ask for."""
        return {"show": self._show, "save": lambda asked: self._new.save(str(asked.get("place", "")))}

    def _listed(self) -> list[dict[str, Any]]:
        """What the table has."""
        return []

    def _do(self, act: Callable[[], str]) -> None:
        self.tone, self.said = "busy", "Asking the server …"
        try:
            said = act()
            self.rows = [_harmless(row) for row in self._listed()]
            self.said, self.tone = visible(said), "done" if said else ""
        except CoCalcError as problem:
            self.said, self.tone = visible(str(problem)), "error"
        except BaseException:
            self.said, self.tone = "This did not work; the kernel's log has the reason.", "error"
            raise
        finally:
            self.made = _harmless(self._new.made())

    def _show(self, asked: Mapping[str, Any]) -> str:
        pad = _pad(asked.get("pad"))
        # One expression: no variable holds the text.
        self.send({"shown": [a ^ b for a, b in zip(self._new.take().reveal().encode(), pad, strict=False)]})
        return "This is its text. It is not shown again."


class KeyDialog(Dialog):
    """The form with the list of keys."""

    def __init__(self, desk: Keys) -> None:
        super().__init__(desk)
        self.form = "list"
        self._desk = desk
        self._do(lambda: "")

    def _listed(self) -> list[dict[str, Any]]:
        return self._desk.rows()

    def _actions(self) -> dict[str, Act]:
        desk = self._desk
        return super()._actions() | {
            "refresh": lambda _: "",
            "create": lambda asked: desk.create(str(asked.get("name", "")), _days(asked) or ""),
            "edit": lambda asked: desk.edit(_number(asked), str(asked.get("name", "")), _days(asked)),
            "delete": lambda asked: desk.delete(_number(asked)),
        }


class OneKeyDialog(Dialog):
    """The form of the one key: nothing is asked of the server before somebody gives the password."""

    def __init__(self, desk: OneKey) -> None:
        super().__init__(desk)
        self.form = "one"
        self._desk = desk

    def _actions(self) -> dict[str, Act]:
        return super()._actions() | dict.fromkeys(
            ("reveal", "create", "regenerate", "delete"),
            lambda asked: self._desk.change(str(asked["do"]), asked["password"]),
        )


def _harmless(row: Mapping[str, Any]) -> dict[str, Any]:
    """A key as its server tells of it, whose name anybody who may make keys has chosen."""
    return {name: visible_line(value) if isinstance(value, str) else value for name, value in row.items()}


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
