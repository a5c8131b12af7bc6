"""Sending from a widget: the button, how long it takes, how to stop it, and the answer below.

The message is sent in a thread of its own, so that the kernel can do other things and hear of *Stop*.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.errors import CoCalcError, Interrupted
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.render.progress import waiting
from cocalc_magic.response import Response
from cocalc_magic.widgets.row_source import FAILED
from cocalc_magic.widgets.status_line import Said
from cocalc_magic.widgets.view import response_view
from cocalc_magic.widgets.view_host import close_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

OnJob = Callable[[], None]
Send = Callable[[OnJob], Response]
"""Sends a message; what it is given is called when that has become a job on the server."""

REST = 0.4  # seconds in which a click is the second half of a double one
PRESENT = 0.6  # seconds after a click in which its person can't have begun to type elsewhere


@dataclass(frozen=True)
class Errand:
    """What one click sends, and to which server; ``reason``: why a person is asked before, if at all."""

    event: str
    server: str
    send: Send
    reason: str = ""


class Sending(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """*Send*, and all that is shown of it; one message at a time.

    ``prepare`` says at each click what is to be sent, or raises why nothing is. ``sent`` is called with every
    response, in another thread. ``beside`` are widgets that stand in one row with the button. ``view`` makes
    what is shown of a response.
    """

    def __init__(
        self,
        prepare: Callable[[], Errand],
        *,
        name: str = "Send",
        meaning: str = "Send this message",
        style: str = "primary",
        beside: Sequence[W.Widget] = (),
        sent: Callable[[Response], None] | None = None,
        view: Callable[[Response], W.Widget] = response_view,
    ) -> None:
        self._prepare, self._sent, self._view = prepare, sent, view
        self._name, self._style = name, style
        self._lock = threading.Lock()
        self._running: CancelToken | None = None  # of the message that is under way
        self._clicked_at = 0.0
        self.button = W.Button(
            description=name, button_style=style, tooltip=meaning, layout={"width": "auto"}
        )
        self.stop = W.Button(
            description="Stop", tooltip="Stop waiting for the answer", layout={"width": "auto"}
        )
        self.line = Said()
        self.answer = W.VBox()
        self._beside = tuple(beside)
        self._bar = W.HBox([self.button, *beside], layout={"flex_flow": "row wrap"})
        self.button.on_click(self._clicked)
        self.stop.on_click(self._stopped)
        super().__init__([self._bar, self.line, self.answer])
        self.add_class("ccm-sending")

    def close(self) -> None:
        """Closes it; what is under way comes to its end, and nobody sees the answer."""
        close_tree(self.stop)  # which has its place in the row only while something can be stopped
        super().close()

    @property
    def asking(self) -> bool:
        """Whether the next click is the answer to a question."""
        return str(self.button.button_style) == "warning"

    def calm(self) -> None:
        """Takes a question back: it was about another message."""
        if self.asking:
            self.button.description, self.button.button_style = self._name, self._style
            self._say("")

    # -- in the thread of the kernel that hears of clicks --------------------------------------------

    def _clicked(self, _: Any) -> None:
        if self.button.disabled:
            return
        self._clicked_at = time.monotonic()
        try:
            errand = self._prepare()
        except CoCalcError as problem:
            self._show(said(problem))
        except BaseException:
            self._show(said(FAILED))
            raise  # ipywidgets writes it into the log
        else:
            if errand.reason and not self.asking:
                self._ask(errand.reason)
            else:
                self.calm()
                self._begin(errand)

    def _ask(self, reason: str) -> None:
        self.button.description, self.button.button_style = "Send it?", "warning"
        self._say(reason)
        self._rest(self.button)

    def _begin(self, errand: Errand) -> None:
        with self._lock:
            if self._running:
                return
            stop = self._running = CancelToken()
        self.button.disabled = True
        run = contextvars.copy_context().run
        threading.Thread(
            target=run, args=(self._work, errand, stop), daemon=True, name="cocalc-sending"
        ).start()

    def _stopped(self, _: Any) -> None:
        self._clicked_at = time.monotonic()
        if stop := self._running:
            self._rest(self.stop)
            stop.cancel()

    def _rest(self, button: W.Button) -> None:
        """The button is off for a moment, so that a double click is no answer to what it asks by then."""
        button.disabled = True
        timer = threading.Timer(REST, self._enable, (button,))
        timer.daemon = True
        timer.start()

    # -- in other threads ----------------------------------------------------------------------------

    def _work(self, errand: Errand, stop: CancelToken) -> None:
        try:
            with stop.active(), waiting(errand.event, errand.server, "Stop", self._tick) as on_job:
                response = errand.send(on_job)
            if self.comm is not None:  # else nobody sees it
                self._show(self._view(response))
            if self._sent:
                self._sent(response)
        except (CoCalcError, Interrupted) as problem:
            self._show(said(problem))
        except BaseException:
            self.log.exception("%s was not sent, or its answer not shown", errand.event)
            self._show(said(FAILED))
        finally:
            time.sleep(max(0.0, self._clicked_at + REST - time.monotonic()))
            self._bar.children = (self.button, *self._beside)
            self._running = None
            self._enable(self.button)

    def _tick(self, text: str) -> None:
        if text and self.stop not in self._bar.children:
            self._bar.children = (self.button, self.stop, *self._beside)
            self._show()
        self._say(text)

    def _enable(self, button: W.Button) -> None:
        button.disabled = False
        if time.monotonic() - self._clicked_at < PRESENT:
            button.focus()  # a button that is off loses it, and with it the place of who has no mouse

    # -- in any ----------------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self.line.say(*([Note(text)] if text else []))

    def _show(self, *shown: W.Widget) -> None:
        old: tuple[W.Widget, ...] = shown
        if self.comm is not None:  # else nobody sees it
            old, self.answer.children = self.answer.children, shown
        for part in old:
            close_tree(part)


class SendAgain(Sending):
    """Sends one and the same message at each click; with ``asks`` at each second one."""

    ASKING = "It does something each time."

    def __init__(
        self,
        send: Send,
        *,
        asks: bool,
        name: str = "Send again",
        meaning: str = "Send this message once more",
        event: str = "the message",
        server: str = "the server",
        view: Callable[[Response], W.Widget] = response_view,
    ) -> None:
        errand = Errand(event, server, send, self.ASKING if asks else "")
        super().__init__(lambda: errand, name=name, meaning=meaning, style="", view=view)


def said(problem: object) -> W.HTML:
    """What went wrong, in its own words; quietly where a person has stopped it."""
    text = str(problem)
    if isinstance(problem, Interrupted):
        return W.HTML(render.format_html([Note(text[:1].upper() + text[1:])]))
    return W.HTML(render.format_html([Pre(text, tone="error")]))
