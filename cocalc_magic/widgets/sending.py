"""Send a message from a widget: the button, how long it takes, a way to stop it, and the response below.

The message is sent in a thread of its own, so that the kernel stays free and hears of *Stop*.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import host, render
from cocalc_magic.client.cancel import CancelToken
from cocalc_magic.errors import CoCalcError, Interrupted
from cocalc_magic.render.blocks import Note, Pre
from cocalc_magic.render.progress import waiting
from cocalc_magic.widgets.row_source import FAILED
from cocalc_magic.widgets.status_line import StatusLine
from cocalc_magic.widgets.view_host import close_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cocalc_magic.response import Response
    from cocalc_magic.session.frontend import OnJob

DOUBLE_CLICK = 0.4  # seconds in which a click is the second half of a double one
KEEPS_FOCUS = 0.6  # seconds after a click in which a person cannot have begun to type elsewhere


@dataclass(frozen=True)
class Submission:
    """What one click sends, and to which server; `reason` says why it has to be confirmed, if at all."""

    event: str
    server: str
    send: Callable[[OnJob], Any]
    reason: str = ""


class Sending(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The *Send* button, its progress and the response; one message at a time.

    Args:
        prepare: Returns what a click sends, or raises why nothing is sent.
        view: Makes the widget of a response.
        name: Text of the button.
        meaning: Its tooltip.
        style: Its style, as of `ipywidgets.Button`.
        beside: Widgets in one row with the button.
        sent: Called with every response, in another thread.
    """

    def __init__(
        self,
        prepare: Callable[[], Submission],
        view: Callable[[Any], W.Widget],
        *,
        name: str = "Send",
        meaning: str = "Send this message",
        style: str = "primary",
        beside: Sequence[W.Widget] = (),
        sent: Callable[[Response], None] | None = None,
    ) -> None:
        self._prepare, self._sent, self._view = prepare, sent, view
        self._name, self._style = name, style
        self._lock = threading.Lock()
        self._running: CancelToken | None = None  # set while a message is being sent
        self._clicked_at = 0.0
        self.button = W.Button(
            description=name, button_style=style, tooltip=meaning, layout={"width": "auto"}
        )
        self.stop = W.Button(
            description="Stop", tooltip="Stop waiting for the response", layout={"width": "auto"}
        )
        self.line = StatusLine()
        self.answer = W.VBox()
        self._beside = tuple(beside)
        self._bar = W.HBox([self.button, *beside], layout={"flex_flow": "row wrap"})
        self.button.on_click(self._clicked)
        self.stop.on_click(self._stopped)
        super().__init__([self._bar, self.line, self.answer])
        self.add_class("ccm-sending")

    def close(self) -> None:
        """Close it; a message that is being sent is finished, and its response is not shown."""
        close_tree(self.stop)  # which is in the row only while something can be stopped
        super().close()

    @property
    def asking(self) -> bool:
        """True if the next click confirms a message."""
        return str(self.button.button_style) == "warning"

    def withdraw(self) -> None:
        """Withdraw the question, as it was about another message."""
        if self.asking:
            self.button.description, self.button.button_style = self._name, self._style
            self._say("")

    def dismiss(self) -> None:
        """Remove what is shown below."""
        self._show()

    # -- in the kernel's main thread -----------------------------------------------------------------

    def _clicked(self, _: Any) -> None:
        if self.button.disabled:
            return
        self._clicked_at = time.monotonic()
        try:
            submission = self._prepare()
        except CoCalcError as problem:
            self._show(failure_view(problem))
        except BaseException:
            self._show(failure_view(FAILED))
            raise  # ipywidgets logs it
        else:
            if submission.reason and not self.asking:
                self._ask(submission.reason)
            else:
                self.withdraw()
                self._begin(submission)

    def _ask(self, reason: str) -> None:
        self._pause(self.button)  # before it says so: a click that comes in between would be lost
        self.button.description, self.button.button_style = "Send it?", "warning"
        self._say(reason)

    def _begin(self, submission: Submission) -> None:
        with self._lock:
            if self._running:
                return
            stop = self._running = CancelToken()
        self.button.disabled = True
        host.begin(self._work, submission, stop, name="cocalc-sending")

    def _stopped(self, _: Any) -> None:
        self._clicked_at = time.monotonic()
        if stop := self._running:
            self._pause(self.stop)
            stop.cancel()

    def _pause(self, button: W.Button) -> None:
        """Disable the button for a moment, so that a double click does not confirm what it asks by then."""
        button.disabled = True
        host.later(DOUBLE_CLICK, self._enable, button)

    # -- in other threads ----------------------------------------------------------------------------

    def _work(self, submission: Submission, stop: CancelToken) -> None:
        try:
            with stop.active(), waiting(submission.event, submission.server, "Stop", self._tick) as on_job:
                response = submission.send(on_job)
            if self.comm is not None:  # it was not closed
                self._show(self._view(response))
            if self._sent:
                self._sent(response)
        except (CoCalcError, Interrupted) as problem:
            self._show(failure_view(problem))
        except BaseException:
            self.log.exception("%s was not sent, or its response not shown", submission.event)
            self._show(failure_view(FAILED))
        finally:
            host.later(max(0.0, self._clicked_at + DOUBLE_CLICK - time.monotonic()), self._ended)

    def _ended(self) -> None:
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
        if time.monotonic() - self._clicked_at < KEEPS_FOCUS:
            button.focus()  # a disabled button loses it, and keyboard users their place

    # -- in any thread -------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self.line.say(*([Note(text)] if text else []))

    def _show(self, *shown: W.Widget) -> None:
        old: tuple[W.Widget, ...] = shown
        if self.comm is not None:  # it was not closed
            old, self.answer.children = self.answer.children, shown
        for part in old:
            close_tree(part)


def failure_view(problem: object) -> W.HTML:
    """Return an error as HTML; as a quiet note if a person has stopped the message."""
    text = str(problem)
    if isinstance(problem, Interrupted):
        return W.HTML(render.format_html([Note(text[:1].upper() + text[1:])]))
    return W.HTML(render.format_html([Pre(text, tone="error")]))
