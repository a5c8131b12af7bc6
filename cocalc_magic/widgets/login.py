"""The form that takes a key: server, key, *Test and use*, *Save*, *Forget*.

The key travels once, in a message of its own, and is never in the widget's state, which is sent to every page
of the kernel and saved with the notebook. An ipywidgets `Password` does both, at every keystroke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict, List, Unicode

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sanitize import visible
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.row_source import FAILED

if TYPE_CHECKING:
    from cocalc_magic.session.login import Login


class LoginForm(anywidget.AnyWidget):
    """The form. `server` is the name or address that is selected first; `app_name` is for the link."""

    # Text, not the path: anywidget would watch the file.
    _esm = Unicode(script("login")).tag(sync=True)
    _css = Unicode(sheet("login")).tag(sync=True)

    servers = List(trait=Dict()).tag(sync=True)
    server = Unicode().tag(sync=True)
    place = Unicode().tag(sync=True)
    app_name = Unicode().tag(sync=True)
    status = Unicode().tag(sync=True)
    tone = Unicode().tag(sync=True)  # "", "busy", "done" or "error"

    def __init__(self, actions: Login, server: str, app_name: str) -> None:
        super().__init__(
            servers=[{"name": name, "url": url} for name, url in actions.servers().items()],
            server=server,
            place=actions.places()[0],
            app_name=app_name,
        )
        self._actions = actions
        self.on_msg(self._run)

    def _run(self, _: Any, content: Any, __: Any) -> None:
        """Run the action that a page asks for; ignore other messages."""
        if not isinstance(content, dict) or content.get("do") not in ("test", "save", "forget"):
            return
        key = Secret(str(content.pop("key", "")))  # taken out of the message, which tracebacks may show
        server = str(content.get("server", "")).strip()
        self.tone, self.status = "busy", f"Asking {server} …"
        try:
            self.status, self.tone = visible(self._result(str(content["do"]), server, key)), "done"
        except CoCalcError as problem:
            self.status, self.tone = visible(str(problem)), "error"
        except BaseException:
            self.status, self.tone = FAILED, "error"
            raise

    def _result(self, do: str, server: str, key: Secret) -> str:
        if do == "forget":
            return self._actions.forget(server, everywhere=True)
        tested = self._actions.test(server, key) if key or do == "test" else ""
        if do == "test":
            return tested
        return f"{tested} {self._actions.save(server, self.place)}".strip()
