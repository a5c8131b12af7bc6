"""The live view of one response: what it shows, all of its JSON, what was sent, and sending it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import render
from cocalc_magic.errors import CoCalcError
from cocalc_magic.render.blocks import Pre, Table
from cocalc_magic.response import Response
from cocalc_magic.widgets.table import RecordsTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.render import Block

Send = Callable[[], Response]
FAILED = "This did not work; the kernel's log has the reason."


def response_view(response: Response, again: Send | None = None, *, asks: bool = True) -> W.Widget:
    """Tabs over one response: *View*, *Rendered* where there is such a form, *JSON*, *Request*, *Code*.

    ``again`` sends its message once more; ``asks`` says that this does something each time, so that
    it takes a second click.
    """
    shown = {"View": shown_blocks(render.blocks(response))}
    if rendered := render.rendered(response):
        shown["Rendered"] = _html(rendered)
    shown["JSON"] = _html(render.json_blocks(response))
    shown["Request"] = _html(render.request_blocks(response))
    shown["Code"] = _html(render.code_blocks(response))
    tabs = W.Tab(children=list(shown.values()), titles=list(shown))
    tabs.add_class("cocalc-magic")
    return tabs if again is None else W.VBox([tabs, SendAgain(again, asks=asks)])


def shown_blocks(blocks: Iterable[Block]) -> W.Widget:
    """The blocks as HTML, and tables as tables that scroll, sort and filter."""
    parts: list[W.Widget] = []
    waiting: list[Block] = []
    for block in blocks:
        if not (isinstance(block, Table) and len(block.records) > 1):
            waiting.append(block)
            continue
        if waiting:
            parts.append(_html(waiting))
        waiting = []
        parts.append(RecordsTable(block.records))
    if waiting:
        parts.append(_html(waiting))
    return parts[0] if len(parts) == 1 else W.VBox(parts)


class SendAgain(W.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A button that sends the message again, and the newest response below it."""

    ASKING = "It does something each time: send it?"

    def __init__(
        self,
        send: Send,
        *,
        asks: bool,
        name: str = "Send again",
        meaning: str = "Send this message once more",
    ) -> None:
        self.button = W.Button(description=name, tooltip=meaning, layout={"width": "auto"})
        self._name = name
        self.answer = W.VBox()
        self._once_more = send
        self._asks = asks
        self.button.on_click(self._clicked)
        super().__init__([self.button, self.answer])

    def _clicked(self, _: Any) -> None:
        if self._asks and self.button.description != self.ASKING:
            self.button.description, self.button.button_style = self.ASKING, "warning"
            return
        self.button.disabled = True
        try:
            shown = response_view(self._once_more())
        except CoCalcError as problem:
            shown = _html([Pre(str(problem), tone="error")])
        except BaseException:
            self.answer.children = [_html([Pre(FAILED, tone="error")])]
            raise
        finally:
            self.button.description, self.button.button_style = self._name, ""
            self.button.disabled = False
        self.answer.children = [shown]


def _html(blocks: Iterable[Block]) -> W.HTML:
    # Without a width of its own the content takes that of the page; else a wide table widens the tabs.
    return W.HTML(f'<div style="width: 0; min-width: 100%">{render.format_html(blocks)}</div>')
