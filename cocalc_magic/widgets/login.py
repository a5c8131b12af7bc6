"""The form that takes a key: server, key, *Test and use*, *Save*, *Forget*; and *Sign in on its page*.

The key travels once, in a message of its own, and is never in the widget's state, which is sent to every page
of the kernel and saved with the notebook. An ipywidgets `Password` does both, at every keystroke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict, List, Unicode

from cocalc_magic import host
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, Interrupted
from cocalc_magic.sanitize import visible
from cocalc_magic.widgets.assets import script, sheet
from cocalc_magic.widgets.row_source import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.client.device_login import Approval
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
    boxes = Unicode().tag(sync=True)  # to tick where a key is made
    page = Unicode().tag(sync=True)  # to approve a sign-in on, while that is waited for
    status = Unicode().tag(sync=True)
    tone = Unicode().tag(sync=True)  # "", "busy", "done" or "error"

    def __init__(self, actions: Login, server: str, app_name: str) -> None:
        super().__init__(
            servers=[_entry(actions, name, url) for name, url in actions.servers().items()],
            server=server,
            place=actions.places()[0],
            app_name=app_name,
            boxes=visible(actions.boxes()),
        )
        self._actions = actions
        self._waiting: CancelToken | None = None  # set while a person is to approve
        self.on_msg(self._run)

    def _run(self, _: Any, content: Any, __: Any) -> None:
        """Run the action that a page asks for; ignore other messages."""
        do = content.get("do") if isinstance(content, dict) else None
        if do == "stop" and self._waiting:
            self._waiting.cancel()
        if do not in ("test", "save", "forget", "sign-in"):
            return
        key = Secret(str(content.pop("key", "")))  # taken out of the message, which tracebacks may show
        server = str(content.get("server", "")).strip()
        self.tone, self.status = "busy", f"Asking {server} …"
        if do == "sign-in":
            self._waiting = CancelToken()
            host.begin(self._sign_in, server, self._waiting, name="cocalc-sign-in")
        else:
            self._report(lambda: self._result(str(do), server, key))

    def _report(self, work: Callable[[], str]) -> None:
        """Do something and say what came of it."""
        try:
            self.status, self.tone = visible(work()), "done"
        except CoCalcError as problem:
            self.status, self.tone = visible(str(problem)), "error"
        except Interrupted as problem:
            self.status, self.tone = visible(str(problem)), ""
        except BaseException:
            self.status, self.tone = FAILED, "error"
            raise

    def _sign_in(self, server: str, token: CancelToken) -> None:
        """Wait for a person's approval, in a thread of its own: the kernel stays free and hears of *Stop*."""

        def work() -> str:
            try:
                return self._actions.sign_in(server, self._show)
            finally:
                self._waiting, self.page = None, ""

        with token.active():
            self._report(work)

    def _show(self, approval: Approval) -> None:
        where = f" It is at {approval.elsewhere}: is that right?" if approval.elsewhere else ""
        self.page, self.status = approval.page, visible(f"Waiting for you to approve it there.{where}")

    def _result(self, do: str, server: str, key: Secret) -> str:
        if do == "forget":
            return self._actions.forget(server, everywhere=True)
        tested = self._actions.test(server, key) if key or do == "test" else ""
        if do == "test":
            return tested
        return f"{tested} {self._actions.save(server, self.place)}".strip()


def _entry(actions: Login, name: str, url: str) -> dict[str, str]:
    """Return a server as the page has it, with the page on which it makes keys."""
    keys = actions.key_page(url)
    return {"name": name, "url": url, **({"keys": keys} if keys else {})}
