"""How IPython shows our values: MIME bundles of text, HTML and live views, progress, a button.

Everything that renders is loaded with the first value that is shown: this module loads with the extension.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic.syntax.flags import SHELL_VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.ipython.magics import CoCalc
    from cocalc_magic.look import Look
    from cocalc_magic.render import Rendered
    from cocalc_magic.render.page import LivePage, Page
    from cocalc_magic.render.screen import Screen
    from cocalc_magic.response import Response
    from cocalc_magic.session.frontend import Keep, OnJob
    from cocalc_magic.session.jobs import Job
    from cocalc_magic.session.session import Session

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class ShellFrontend:
    """The front end of an IPython shell, in a kernel or a terminal; configured by its magics."""

    def __init__(self, magics: CoCalc) -> None:
        self._magics, self._shell = magics, magics.shell

    @property
    def server(self) -> str:
        """Name or address of the configured server; empty if none is."""
        return str(self._magics.server)

    @property
    def app_name(self) -> str:
        """Name of the program that asks for a key, as CoCalc's sign-in page shows it."""
        return str(self._magics.app_name)

    @property
    def look(self) -> Look | None:
        """Title, logo and accent colour of the product that asks; `None` if none of them is configured."""
        chosen = (self._magics.app_title, self._magics.logo, self._magics.accent)
        if not any(chosen):
            return None
        from cocalc_magic.look import read  # late: few notebooks are another product's

        return read(*chosen)

    @property
    def _has_kernel(self) -> bool:
        return getattr(self._shell, "kernel", None) is not None

    @property
    def person(self) -> bool:
        """True if a person can be asked something on the line."""
        if self._has_kernel:
            kernel: Any = self._shell.kernel  # type: ignore[attr-defined]  # other shells have none
            return bool(getattr(kernel, "_allow_stdin", sys.platform == "emscripten"))  # a person's page
        return sys.stdin.isatty()

    @property
    def page(self) -> bool:
        """True if a page is there that shows widgets, as far as the kernel can know."""
        from cocalc_magic.ipython import front_ends  # late: few messages ask

        shown = self._has_kernel and self._magics.view in ("widgets", "bundle")
        return shown and (self.person or front_ends.in_voila())

    @property
    def terminal(self) -> bool:
        """True in an interactive terminal, whose output is not saved to a notebook."""
        return not self._has_kernel and self.person

    @property
    def screen(self) -> Screen:
        """What shows text: a terminal as wide as it is now, with the signs and colours that it has."""
        from cocalc_magic.render.screen import NOTEBOOK, standard_output

        if self._has_kernel:
            return NOTEBOOK
        screen = standard_output()
        return replace(screen, colors=screen.colors and str(self._shell.colors).lower() != "nocolor")

    @property
    def keep(self) -> Keep:
        """Function that stores a DataFrame in the notebook's namespace."""
        from cocalc_magic.session.namespace import keep_frame

        return partial(keep_frame, self._shell.user_ns)

    @property
    def namespace(self) -> Mapping[str, Any]:
        """Values of the notebook by name."""
        names: Mapping[str, Any] = self._shell.user_ns
        return names

    def progress(
        self, what: str, server: str, words: Callable[[], str] | None = None, *, quiet: bool = False
    ) -> AbstractContextManager[OnJob | None]:
        """Return a context in which a person is told how long `what` has been running."""
        if quiet or not self.person:
            return nullcontext()
        from cocalc_magic.ipython.progress import CellProgress, show_on_line
        from cocalc_magic.render.progress import waiting

        if self._has_kernel:
            stop = "The kernel's stop button (or I, I)"
            cell = CellProgress(self._shell.display_pub, ticking=self._magics.view == "widgets")
            return waiting(what, server, stop, cell.show, words)
        return waiting(what, server, "Ctrl-C", show_on_line, words)

    def show_send_button(
        self, event: str, server: str, reason: str, send: Callable[[OnJob], Response | Job]
    ) -> None:
        """Show a button that sends a message: a cell cannot wait for a click, so it fails beside it."""
        from cocalc_magic import widgets
        from cocalc_magic.render.blocks import Note
        from cocalc_magic.render.page import LivePage

        page = LivePage(
            (Note("Not sent; in a notebook that runs, a button here sends it."),),
            lambda: widgets.SendAgain(
                send, asks=False, name="Send", meaning=reason, event=event, server=server
            ),
        )
        publisher: Any = self._shell.display_pub
        publisher.publish(self.page_bundle(page))

    def show(self, value: object) -> None:
        """Show a value beside what the cell returns."""
        show(self._shell, value)

    def response_bundle(self, response: Response, **_: Any) -> dict[str, Any]:
        """Return the MIME bundle of a response, for IPython."""
        from cocalc_magic.render import Rendered

        session, view, kernel = self._magics.session, self._magics.view, self._has_kernel
        screen = None if kernel else self.screen
        return response_bundle(Rendered(response), session, view, kernel=kernel, screen=screen)

    def result_bundle(self, result: BulkResult, **_: Any) -> dict[str, Any]:
        """Return the MIME bundle of a result of bulk work, for IPython."""
        from cocalc_magic.render.bulk import RenderedResult

        rendered = RenderedResult(result)
        bundle = {"text/plain": rendered.text if self._has_kernel else rendered.text_on(self.screen)}
        view = self._magics.view
        if view == "text":
            return bundle
        if view == "html" or not self._has_kernel:
            return {**bundle, "text/html": rendered.html}

        def make() -> object:
            from cocalc_magic import widgets

            return widgets.shown_blocks((rendered.heading, *rendered.content), self.keep)

        return bundle | _live(rendered.html, make, view)

    def job_bundle(self, job: Job, **_: Any) -> dict[str, Any]:
        """Return the MIME bundle of a job in the background, for IPython."""
        bundle = {"text/plain": repr(job)}
        if not self.page:
            return bundle
        from cocalc_magic.render import format_html
        from cocalc_magic.render.blocks import Note

        def make() -> object:
            from cocalc_magic import widgets

            return widgets.JobView(job, self.keep)

        return bundle | _live(format_html([Note(repr(job)[1:-1])]), make, self._magics.view)

    def no_html(self, _: Response | BulkResult) -> None:
        """Return no HTML: where a value is to have some, its bundle has it."""

    def print_page(self, page: Page, printer: Any, _: bool) -> None:
        """Print a page of ours."""
        printer.text(page.text_on(self.screen) if len(printer.stack) <= 1 else str(page))

    def page_bundle(self, page: LivePage, **_: Any) -> dict[str, Any]:
        """Return the MIME bundle of a form, a dialog, the explorer or a list, for IPython."""
        if not self._has_kernel:
            return {"text/plain": page.text_on(self.screen)}
        return page_bundle(page, self._magics.view)


def response_bundle(
    rendered: Rendered, session: Session, view: str, *, kernel: bool, screen: Screen | None = None
) -> dict[str, Any]:
    """Return the MIME bundle of a response: in the view of `--as`, or else the shell's.

    Args:
        rendered: The response with its blocks, made once for text, HTML and the live view.
        session: The session that sends its message again.
        view: The view that the shell is configured for.
        kernel: Whether there is a kernel, so that a page may be live.
        screen: The terminal that shows the text, if it is one.
    """
    response = rendered.response
    view = response.view if response.view in SHELL_VIEWS else view
    bundle = {"text/plain": rendered.text if screen is None else rendered.text_on(screen)}
    if view == "text" or response.view == "raw":
        return bundle
    if view == "html" or not kernel:
        return {**bundle, "text/html": rendered.html}
    send, asks = session.again(response)

    def make() -> object:
        from cocalc_magic import widgets

        return widgets.response_view(rendered, send, asks=asks, keep=session.frontend.keep)

    return bundle | _live(rendered.html, make, view)


def page_bundle(page: LivePage, view: str) -> dict[str, Any]:
    """Return the MIME bundle of a page, with its widget where a kernel is."""
    bundle = {"text/plain": str(page)}
    if view == "text":
        return bundle
    html = page._repr_html_()
    return bundle | ({"text/html": html} if view == "html" else _live(html, page.make, view))


def _live(html: str, make: Callable[[], Any], view: str) -> dict[str, Any]:
    """Return HTML that reads well by itself, and in whose place a page with a kernel shows the widget.

    As placeholder, the notebook holds nothing of the widget, which is made when a page asks for it. A
    `bundle` names the widget as any widget's output does, for front ends that do not run the view host;
    saved, it is an error message wherever the front end prefers that name to the HTML.
    """
    if view == "bundle":
        from cocalc_magic.ipython import front_ends  # late, as all that only some front ends need

        front_ends.allow_widgets()
        widget = {"version_major": 2, "version_minor": 0, "model_id": make().model_id}
        return {"text/html": html, WIDGET_VIEW: widget}
    from cocalc_magic import widgets

    return {"text/html": widgets.get_view_host().placeholder(html, make)}


def show(shell: Any, value: Any) -> None:
    """Show a value in this shell, as it shows that of a cell's last line."""
    if value is not None:
        data, metadata = shell.display_formatter.format(value)
        shell.display_pub.publish(data, metadata)
