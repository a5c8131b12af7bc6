"""The key dialog: the keys of an account or a project in a table, and the text of a new key, once.

Older servers have one key per account, for whoever knows the password: another form of the same dialog.

Neither key nor password is ever in the widget's state, which is sent to every page of the kernel and saved
with the notebook. A password comes once, in a message of its own. The page asks for a key with random bytes
of its own (a one-time pad), and gets the key combined with them by exclusive or: what the kernel sends goes
to all of its pages and to whoever records it, and is useless without the pad, which went to the kernel alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict, List, Unicode

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sanitize import visible, visible_line
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.row_source import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from cocalc_magic.session.api_keys import KeyManager, NewKeyHolder
    from cocalc_magic.session.legacy_key import LegacyKeyManager

    Action: TypeAlias = Callable[[Mapping[str, Any]], str]

PAD_BYTES = 512  # more than any key has


class Dialog(anywidget.AnyWidget):
    """What all forms have; by itself it shows the text of a new key, once."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("keydialog")).tag(sync=True)
    _css = Unicode(sheet("keydialog")).tag(sync=True)

    heading = Unicode().tag(sync=True)
    form = Unicode("alone").tag(sync=True)  # "list", "one" or "alone"
    rows = List(trait=Dict()).tag(sync=True)
    new_key = Dict().tag(sync=True)
    places = List(trait=Unicode()).tag(sync=True)
    status = Unicode().tag(sync=True)
    tone = Unicode().tag(sync=True)  # "", "busy", "done" or "error"

    def __init__(self, holder: NewKeyHolder) -> None:
        entry = _harmless(holder.new_entry())
        super().__init__(heading=visible_line(holder.title), places=holder.places(), new_key=entry)
        self._new = holder
        self.on_msg(self._run)

    def _run(self, _: Any, content: Any, __: Any) -> None:
        """Run the action that a page asks for; ignore other messages."""
        if not isinstance(content, dict):
            return
        # Taken out of the message, which tracebacks may show.
        request = content | {"password": Secret(str(content.pop("password", "")))}
        if action := self._actions().get(str(content.get("do"))):
            self._do(lambda: action(request))

    def _actions(self) -> dict[str, Action]:
        """Return the actions that a page may ask for."""
        return {"show": self._show, "save": lambda request: self._new.save(str(request.get("place", "")))}

    def _listed(self) -> list[dict[str, Any]]:
        """Return the rows of the table."""
        return []

    def _do(self, action: Callable[[], str]) -> None:
        self.tone, self.status = "busy", "Asking the server …"
        try:
            result = action()
            self.rows = [_harmless(row) for row in self._listed()]
            self.status, self.tone = visible(result), "done" if result else ""
        except CoCalcError as problem:
            self.status, self.tone = visible(str(problem)), "error"
        except BaseException:
            self.status, self.tone = FAILED, "error"
            raise
        finally:
            self.new_key = _harmless(self._new.new_entry())

    def _show(self, request: Mapping[str, Any]) -> str:
        self.send({"shown": combined(self._new.take, request.get("pad"))})
        return "This is its text. It is not shown again."


class KeyDialog(Dialog):
    """The form with the list of keys."""

    def __init__(self, manager: KeyManager) -> None:
        super().__init__(manager)
        self.form = "list"
        self._manager = manager
        self._do(lambda: "")

    def _listed(self) -> list[dict[str, Any]]:
        return self._manager.rows()

    def _actions(self) -> dict[str, Action]:
        manager = self._manager
        return super()._actions() | {
            "refresh": lambda _: "",
            "create": lambda request: manager.create(str(request.get("name", "")), _days(request) or ""),
            "edit": lambda request: manager.edit(
                _number(request), str(request.get("name", "")), _days(request)
            ),
            "delete": lambda request: manager.delete(_number(request)),
        }


class LegacyKeyDialog(Dialog):
    """The form of the one key of older servers: nothing is sent before somebody types the password."""

    def __init__(self, manager: LegacyKeyManager) -> None:
        super().__init__(manager)
        self.form = "one"
        self._manager = manager

    def _actions(self) -> dict[str, Action]:
        return super()._actions() | dict.fromkeys(
            ("reveal", "create", "regenerate", "delete"),
            lambda request: self._manager.change(str(request["do"]), request["password"]),
        )


def _harmless(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with harmless texts: anybody who may make keys chooses their names."""
    return {name: visible_line(value) if isinstance(value, str) else value for name, value in row.items()}


def combined(take: Callable[[], Secret], value: Any) -> list[int]:
    """Take a secret, combined with a page's random bytes; it is not taken where these are too few."""
    pad = _pad(value)
    # One expression: no variable holds the text.
    return [a ^ b for a, b in zip(take().reveal().encode(), pad, strict=False)]


def _pad(value: Any) -> bytes:
    """Return the page's random bytes.

    Raises:
        CoCalcError: They are too few to hide a key.
    """
    try:
        pad = bytes(value)
    except (TypeError, ValueError):
        pad = b""
    if len(pad) < PAD_BYTES:
        raise CoCalcError("the page sent an invalid request; reload it.")
    return pad


def _number(request: Mapping[str, Any]) -> int:
    number = request.get("id")
    if not isinstance(number, int):
        raise CoCalcError("the page did not name a key.")
    return number


def _days(request: Mapping[str, Any]) -> str | None:
    days = request.get("days")
    return None if days is None else str(days).strip()
