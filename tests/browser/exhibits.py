"""What hostile tests put up in a page, made in the kernel: views of all kinds, and the forms, all at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - the name that Jupyter's own examples use

from cocalc_magic import catalog, render
from cocalc_magic.errors import CoCalcError
from cocalc_magic.lessons.exercise import Check, Exercise
from cocalc_magic.lessons.grade import Grade
from cocalc_magic.render.progress import ProgressLine
from cocalc_magic.sanitize import visible_line
from cocalc_magic.session.api_keys import KeyManager
from cocalc_magic.session.login import Login
from cocalc_magic.session.session import Sent, Session
from cocalc_magic.widgets.blocks_view import BlocksView
from cocalc_magic.widgets.exercise import ExerciseView
from cocalc_magic.widgets.explorer import Explorer
from cocalc_magic.widgets.form import Form
from cocalc_magic.widgets.keydialog import KeyDialog
from cocalc_magic.widgets.lines import LinesBox
from cocalc_magic.widgets.login import LoginForm
from cocalc_magic.widgets.progress import progress_html
from cocalc_magic.widgets.view import ResponseView, SendAgain, response_view
from tests.render.hostile import SMALL
from tests.render.responses import answered, found
from tests.render.views import RESPONSES, all_blocks, other_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cocalc_magic.response import Response

TEXTS = [str(value) for value in SMALL.values()]
UNSAFE = "<img src=x onerror='window.ran = 1'>"
"""What would run if anything did: the tests begin with it, so that they are known to see it."""


class Hostile(Session):
    """A session in which every project, every message and every answer is hostile."""

    def __init__(self) -> None:
        super().__init__(explored={"event": "query", "words": UNSAFE})
        for text in TEXTS:
            options = dict.fromkeys(("command", "project_id", "path"), text)
            self.history.append(Sent(0.0, UNSAFE, catalog.find("project_exec"), options, text, 0.0))

    def submit(self, message: Any, options: Mapping[str, Any], on_job: Any = None) -> Response:
        raise CoCalcError("\n".join(TEXTS))

    def confirmation(self, message: Any) -> str:
        return ""

    def project_titles(self) -> dict[str, str]:
        return {f"{number:08}-6e7b-4138-b8c2-5cf0b6d7ddf2": text for number, text in enumerate(TEXTS)}

    def keyless(self, server: str | None = None) -> Any:
        named = SimpleNamespace(url="http://127.0.0.1:1/" + UNSAFE, name=UNSAFE)
        router = SimpleNamespace(generations=lambda ask: frozenset())
        return SimpleNamespace(server=named, router=router)

    @property
    def project_id(self) -> str:
        return UNSAFE


class HostileLogin(Login):
    """Servers with hostile names and addresses."""

    def __init__(self) -> None:
        super().__init__(Session())

    def servers(self) -> dict[str, str]:
        return {text: text for text in TEXTS if text.isprintable()} | {"s": "javascript:alert(1)"}

    def places(self) -> list[str]:
        return [UNSAFE, "file"]


class HostileKeys(KeyManager):
    """Keys with hostile names."""

    title = UNSAFE

    def __init__(self) -> None:
        pass

    def places(self) -> list[str]:
        return [UNSAFE, "file"]

    def rows(self) -> list[dict[str, Any]]:
        fields = ("name", "trunc", "expires", "last_used")
        return [
            {"number": number, "in_use": not number} | dict.fromkeys(fields, visible_line(text))
            for number, text in enumerate(TEXTS)
        ]

    def new_entry(self) -> dict[str, Any]:
        return self.rows()[1]


def batches(size: int) -> Iterator[W.Widget]:
    """The views of all kinds with each value, so many values at a time; then the forms, with all of them."""
    values = list(SMALL.values())
    for start in range(0, len(values), size):
        yield W.VBox(
            [_exhibit(value, start + place) for place, value in enumerate(values[start : start + size])]
        )
    yield forms()


def _exhibit(value: Any, number: int) -> W.Widget:
    """All kinds with one value, and one of them, in turn, as the view that it has in a notebook."""
    shown = {**all_blocks(value), **other_blocks(value)}
    make = list(RESPONSES.values())[number % len(RESPONSES)]
    live = response_view(render.Rendered(make(value)), lambda on_job: make(value))
    return W.VBox([W.HTML("".join(map(render.format_html, shown.values()))), live])


def forms() -> W.Widget:
    """Every widget of ours that is no view of a response."""
    form = Form(
        catalog.find("project_exec"), Hostile(), {"command": UNSAFE, "timeout": UNSAFE, "args": TEXTS}
    )
    told = ProgressLine(UNSAFE, UNSAFE, UNSAFE, 2.0)
    lines = LinesBox("\n".join(TEXTS), UNSAFE, language="ansi")
    explorer = Explorer(Hostile())
    table = response_view(
        render.Rendered(found([{"name": value, str(value): value} for value in SMALL.values()]))
    )
    button = SendAgain(lambda on_job: answered({}), asks=False, name="Send", meaning=UNSAFE)
    keys, login = KeyDialog(HostileKeys()), LoginForm(HostileLogin(), UNSAFE, UNSAFE)
    keys.status = login.status = UNSAFE
    exercises = [exercise(TEXTS[start : start + 20]) for start in range(0, len(TEXTS), 20)]
    return W.VBox(
        [form, explorer, table, button, keys, login, lines, *exercises, W.HTML(progress_html(told))]
    )


def exercise(texts: Sequence[str] = TEXTS) -> W.Widget:
    """An exercise of a hostile file, with its solution unfolded."""
    checks = tuple(Check(text, "False") for text in (UNSAFE, *texts))
    hostile = Exercise(UNSAFE, UNSAFE, "\n".join(texts), checks, (), (UNSAFE, *texts))
    grade = Grade(hostile, (False,) * len(checks), (UNSAFE, *texts), UNSAFE)
    view = ExerciseView(grade, lambda: grade)
    view.unfold.click()
    return view


def html_count(widget: W.Widget) -> int:
    """How many pieces of HTML a page shows of the widget, once it is all there."""
    own = len(widget.markup) if isinstance(widget, BlocksView) else isinstance(widget, W.HTML)
    return own + isinstance(widget, ResponseView) + sum(map(html_count, getattr(widget, "children", ())))
