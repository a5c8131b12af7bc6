"""The live view of one response: what it shows, its JSON, the request, the code, and *Again*."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use
from traitlets import Bool, Instance, List, Unicode

from cocalc_magic import render
from cocalc_magic.session.jobs import Job
from cocalc_magic.widgets.assets import script
from cocalc_magic.widgets.blocks_view import BlocksView
from cocalc_magic.widgets.job import JobView
from cocalc_magic.widgets.sending import Sending, Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cocalc_magic.render import Block, Rendered
    from cocalc_magic.response import Response
    from cocalc_magic.session.frontend import Keep, OnJob

MAX_COPY = 10_000_000  # characters


class SendAgain(Sending):
    """Sends the same message at each click; at each second one if `asks`."""

    ASKING = "It does something each time."

    def __init__(
        self,
        send: Callable[[OnJob], Response | Job],
        *,
        asks: bool,
        name: str = "Send again",
        meaning: str = "Send this message once more",
        event: str = "the message",
        server: str = "the server",
        keep: Keep | None = None,
    ) -> None:
        submission = Submission(event, server, send, self.ASKING if asks else "")
        super().__init__(lambda: submission, view_maker(keep), name=name, meaning=meaning, style="")


class ResponseView(BlocksView):
    """One frame: the heading with tabs and *Again* at its right, what is shown, and what came of *Again*.

    What a tab shows is made when a page asks for it.
    """

    ACTIONS = ("tab", "copy", "again")

    _esm = Unicode(script("response_view")).tag(sync=True)

    heading = Unicode(help="HTML of the first line.").tag(sync=True)
    titles = List(Unicode()).tag(sync=True)
    can_send = Bool(help="Whether there is an *Again*.").tag(sync=True)
    below = List(Instance(W.Widget)).tag(sync=True, **W.widget_serialization)

    def __init__(self, rendered: Rendered, again: Callable[[], SendAgain] | None, keep: Keep | None) -> None:
        self._rendered, self._again = rendered, again
        super().__init__(
            rendered.content,
            keep,
            heading=render.heading_html(rendered.heading),
            titles=list(rendered.tabs),
            can_send=again is not None,
        )

    def answer(self, do: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the HTML of a tab, or its text to copy; or send the message again."""
        if do == "again":
            self.send_again()
            return {}
        name = str(content.get("name"))
        if do == "copy":
            text = self._rendered.tab_text(name)
            fits = len(text) <= MAX_COPY
            return {"name": name, "text": text if fits else "", "problem": "" if fits else "too long"}
        return {"name": name, "html": render.format_html(self._rendered.tab(name))}

    def send_again(self) -> None:
        """Do what a click on *Again* does."""
        if self._again is None:
            return
        if not self.below:
            self.below = [self._again()]
        self.below[0].button.click()


def view_maker(keep: Keep | None) -> Callable[[Response | Job], W.Widget]:
    """Return a function that makes the view of what was sent: of a response, or of a job that goes on."""

    def view(value: Response | Job) -> W.Widget:
        if isinstance(value, Job):
            return JobView(value, keep)
        return response_view(render.Rendered(value), keep=keep)

    return view


def response_view(
    rendered: Rendered,
    again: Callable[[OnJob], Response] | None = None,
    *,
    asks: bool = True,
    keep: Keep | None = None,
) -> ResponseView:
    """Return tabs over one response: *View*, perhaps *Rendered*, *JSON*, *Request*, *Code*.

    Args:
        rendered: The response with its blocks.
        again: Sends its message once more.
        asks: Whether that does something each time, so that it takes a second click.
        keep: Gives DataFrames of its tables a name in the notebook.
    """
    if again is None:
        return ResponseView(rendered, None, keep)
    send, response = again, rendered.response
    event, server = response.request.event, response.server
    make = partial(SendAgain, send, asks=asks, event=event, server=server, keep=keep)
    return ResponseView(rendered, make, keep)


def shown_blocks(blocks: Iterable[Block], keep: Keep | None = None) -> BlocksView:
    """Return a list or a text as a live view, without a frame."""
    return BlocksView(blocks, keep)
