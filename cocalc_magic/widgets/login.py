"""The form that takes a key: server, key, *Test and use*, *Save*, *Forget*.

The key travels once, in a message of its own, and is in no state: state is sent to every page of the
kernel and saved with the notebook. An ipywidgets ``Password`` does both, at every keystroke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import anywidget
from traitlets import Dict, List, Unicode

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.render.clean import visible
from cocalc_magic.widgets.assets import script, sheet

if TYPE_CHECKING:
    from collections.abc import Mapping


class Desk(Protocol):
    """What the form does, in sentences without a key; each may raise :class:`CoCalcError`."""

    def servers(self) -> Mapping[str, str]:
        """Names and addresses."""

    def places(self) -> list[str]:
        """Where keys can be saved, the best first."""

    def test(self, server: str, given: Secret) -> str:
        """Has the server confirm what was pasted, and uses it."""

    def save(self, server: str, place: str) -> str:
        """Keeps the key of a server for later kernels."""

    def forget(self, server: str, *, everywhere: bool) -> str:
        """Drops the key of a server."""


class LoginForm(anywidget.AnyWidget):
    """The form. ``server`` is the name or address that it begins with; ``app_name`` is for the link."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("login")).tag(sync=True)
    _css = Unicode(sheet("login")).tag(sync=True)

    servers = List(trait=Dict()).tag(sync=True)
    server = Unicode().tag(sync=True)
    place = Unicode().tag(sync=True)
    app_name = Unicode().tag(sync=True)
    said = Unicode().tag(sync=True)
    tone = Unicode().tag(sync=True)  # "", "busy", "done" or "error"

    def __init__(self, desk: Desk, server: str, app_name: str) -> None:
        known = desk.servers()
        super().__init__(
            servers=[{"name": name, "url": url} for name, url in known.items()],
            server=server,
            place=desk.places()[0],
            app_name=app_name,
        )
        self._desk = desk
        self.on_msg(self._asked)

    def _asked(self, _: Any, content: Any, __: Any) -> None:
        """A page asks for something; what it sends besides is not for us."""
        if not isinstance(content, dict) or content.get("do") not in ("test", "save", "forget"):
            return
        given = Secret(str(content.pop("key", "")))  # out of the message, which tracebacks may show
        server = str(content.get("server", "")).strip()
        self.tone, self.said = "busy", f"Asking {server} …"
        try:
            self.said, self.tone = visible(self._done(str(content["do"]), server, given)), "done"
        except CoCalcError as problem:
            self.said, self.tone = visible(str(problem)), "error"
        except BaseException:
            self.said, self.tone = "This did not work; the kernel's log has the reason.", "error"
            raise

    def _done(self, do: str, server: str, given: Secret) -> str:
        if do == "forget":
            return self._desk.forget(server, everywhere=True)
        tested = self._desk.test(server, given) if given or do == "test" else ""
        if do == "test":
            return tested
        return f"{tested} {self._desk.save(server, self.place)}".strip()
