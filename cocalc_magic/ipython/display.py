"""What a front-end gets to choose from: text, HTML, and a live view behind it or beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.render.page import LivePage
    from cocalc_magic.response import Response
    from cocalc_magic.session.session import Session

WIDGETS, BUNDLE, HTML, TEXT = VIEWS = ("widgets", "bundle", "html", "text")
LIVE = (WIDGETS, BUNDLE)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def of_response(response: Response, session: Session, view: str, *, kernel: bool) -> dict[str, Any]:
    """The MIME bundle of a response: as it was asked for by ``--as``, else by the ``view`` of the shell.

    Without a ``kernel`` there is no page that could be live.
    """
    bundle = {"text/plain": render.to_text(response)}
    view = response.view if response.view in VIEWS else view
    if view == TEXT or response.view == "raw":
        return bundle
    html = render.to_html(response)
    if view == HTML or not kernel:
        return {**bundle, "text/html": html}
    again, asks = session.again(response)

    def make() -> object:
        from cocalc_magic import widgets

        return widgets.response_view(response, again, asks=asks, keep=session.surroundings.keep)

    return bundle | _live(html, make, view)


def of_page(page: LivePage, view: str) -> dict[str, Any]:
    """The MIME bundle of a page that is more where a live kernel is."""
    bundle = {"text/plain": str(page)}
    if view == TEXT:
        return bundle
    html = page._repr_html_()
    return bundle | ({"text/html": html} if view == HTML else _live(html, page.make, view))


def _live(html: str, make: Callable[[], Any], view: str) -> dict[str, Any]:
    """HTML that reads well by itself, in whose place a page has the widget.

    With the stage nothing of the widget is in the notebook, and it is made when a page asks. A
    ``bundle`` names the widget instead, as any widget's output does, for front-ends that don't run the
    stage; saved, it is an error message wherever the front-end prefers that name to the HTML.
    """
    if view == BUNDLE:
        shown = {"version_major": 2, "version_minor": 0, "model_id": make().model_id}
        return {"text/html": html, WIDGET_VIEW: shown}
    from cocalc_magic import widgets

    return {"text/html": widgets.the_stage().twin(html, make)}
