"""The kernel's half of the live views, without a page: what it makes, when, and for whom."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from ipywidgets import HBox, Label, Widget

from cocalc_magic import render, widgets
from cocalc_magic.errors import CoCalcError
from cocalc_magic.ipython import display
from cocalc_magic.ipython.progress import CellProgress
from cocalc_magic.render import Rendered
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import LivePage
from cocalc_magic.render.progress import ProgressLine
from cocalc_magic.response import Request, Response
from cocalc_magic.session.session import Session
from cocalc_magic.widgets.view_host import MAX_PLACEHOLDERS, ViewHost, get_view_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


RESPONSE = Response(
    {"event": "pong", "id": "1"}, Request("ping"), server="sandbox", sandbox=True, elapsed=0.012
)


class Watched(ViewHost):
    """A view host that notes what it sends to pages."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, str]] = []

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(content)

    def asked(self, content: Any) -> None:
        """A message from a page."""
        self._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


@pytest.fixture
def host() -> Iterator[Watched]:
    made = Watched()
    yield made
    Widget.close_all()


@pytest.fixture
def made() -> list[Widget]:
    return []


@pytest.fixture
def make(made: list[Widget]) -> Callable[[], Widget]:
    """Makes a label, and keeps it in `made`."""

    def maker() -> Widget:
        made.append(HBox([Label("live")]))
        return made[-1]

    return maker


def token_of(html: str) -> str:
    found = re.fullmatch(r'<div data-ccm="([0-9a-f]{16})"><div>.*</div></div>', html, re.DOTALL)
    assert found
    return found[1]


def test_the_placeholder_is_the_html_in_a_marked_element(host: Watched, make: Callable[[], Widget]) -> None:
    assert "<b>static</b>" in host.placeholder("<b>static</b>", make)
    assert token_of(host.placeholder("", make)) != token_of(host.placeholder("", make))


def test_nothing_is_made_until_a_page_asks(
    host: Watched, make: Callable[[], Widget], made: list[Widget]
) -> None:
    host.placeholder("static", make)

    assert made == []
    assert host.sent == []


def test_a_page_that_asks_gets_the_widget(
    host: Watched, make: Callable[[], Widget], made: list[Widget]
) -> None:
    token = token_of(host.placeholder("static", make))
    host.asked({"want": token})

    assert host.sent == [{"key": token, "id": made[0].model_id}]


def test_two_pages_get_the_same_widget(host: Watched, make: Callable[[], Widget], made: list[Widget]) -> None:
    token = token_of(host.placeholder("static", make))
    host.asked({"want": token})
    host.asked({"want": token})

    assert len(made) == 1
    assert host.sent[0] == host.sent[1]


def test_a_widget_that_was_closed_is_made_again(
    host: Watched, make: Callable[[], Widget], made: list[Widget]
) -> None:
    token = token_of(host.placeholder("static", make))
    host.asked({"want": token})
    made[0].close()
    host.asked({"want": token})

    assert [sent["id"] for sent in host.sent[1:]] == [made[1].model_id]


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "want",
        [],
        {},
        {"want": None},
        {"want": ["0"]},
        {"want": {}},
        {"want": "0" * 16},
        {"want": "_makers"},
    ],
)
def test_other_messages_are_not_answered(
    host: Watched, make: Callable[[], Widget], made: list[Widget], content: Any
) -> None:
    host.placeholder("static", make)
    host.asked(content)

    assert host.sent == []
    assert made == []


def test_a_maker_that_fails_is_reported_and_the_page_hears_what_kind_of_failure_it_is(
    host: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    token = token_of(host.placeholder("static", lambda: dict[str, Widget]()["sk-0000000000000000000009"]))
    host.asked({"want": token})

    assert "KeyError" in caplog.text
    assert host.sent == [{"key": token, "problem": "KeyError"}]


def test_of_a_failure_of_ours_the_page_hears_the_words(host: Watched) -> None:
    def fail() -> NoReturn:
        raise CoCalcError("there is no project.", "a hint")

    token = token_of(host.placeholder("static", fail))
    host.asked({"want": token})

    assert host.sent == [{"key": token, "problem": "there is no project."}]


def test_a_maker_that_failed_is_asked_again(host: Watched) -> None:
    attempts: list[bool] = []

    def make() -> Widget:
        attempts.append(True)
        if len(attempts) == 1:
            raise ZeroDivisionError
        return Label("live")

    token = token_of(host.placeholder("static", make))
    host.asked({"want": token})
    host.asked({"want": token})

    assert [sorted(sent) for sent in host.sent] == [["key", "problem"], ["id", "key"]]


def test_the_last_200_are_kept(host: Watched, make: Callable[[], Widget], made: list[Widget]) -> None:
    tokens = [token_of(host.placeholder("static", make)) for _ in range(MAX_PLACEHOLDERS + 1)]
    host.asked({"want": tokens[0]})
    assert made == []

    host.asked({"want": tokens[1]})
    assert len(made) == 1


def test_an_old_widget_is_closed_with_all_of_its_parts(
    host: Watched, make: Callable[[], Widget], made: list[Widget]
) -> None:
    host.asked({"want": token_of(host.placeholder("static", make))})
    (box,) = made
    (label,) = box.children
    parts = [box, box.layout, label, label.layout, label.style]
    assert all(part.comm for part in parts)

    for _ in range(MAX_PLACEHOLDERS):
        host.placeholder("static", make)

    assert not any(part.comm for part in parts)


def test_the_host_has_a_script_and_nothing_of_a_response_in_its_state(host: Watched) -> None:
    host.placeholder("the static half", lambda: Label("the live half"))
    state = host.get_state()

    assert "initialize" in state["_esm"]
    assert "half" not in str({name: value for name, value in state.items() if name != "_esm"})


def test_there_is_one_host_until_it_is_closed() -> None:
    first = get_view_host()

    assert get_view_host() is first
    Widget.close_all()
    assert get_view_host() is not first


def test_two_threads_have_the_same_host() -> None:
    Widget.close_all()
    with ThreadPoolExecutor(8) as threads:
        found = {id(future.result()) for future in [threads.submit(get_view_host) for _ in range(8)]}

    assert len(found) == 1


def shown(view: str, *, kernel: bool = True, response: Response = RESPONSE) -> dict[str, Any]:
    """The MIME bundle of the response."""
    return display.response_bundle(Rendered(response), Session(), view, kernel=kernel)


def test_live_html_is_the_static_html_with_a_token() -> None:
    html = shown("widgets")["text/html"]

    assert html == f'<div data-ccm="{token_of(html)}"><div>{render.to_html(RESPONSE)}</div></div>'
    HTMLParser().feed(html)


def test_a_bundle_names_a_widget_beside_the_static_html() -> None:
    bundle = shown("bundle")
    named = bundle.pop("application/vnd.jupyter.widget-view+json")

    assert re.fullmatch("[0-9a-f]{32}", named.pop("model_id"))
    assert named == {"version_major": 2, "version_minor": 0}
    assert bundle == {"text/html": render.to_html(RESPONSE), "text/plain": render.to_text(RESPONSE)}


@pytest.mark.parametrize(
    ("view", "kernel", "types"),
    [
        ("html", True, {"text/plain", "text/html"}),
        ("text", True, {"text/plain"}),
        ("widgets", False, {"text/plain", "text/html"}),
        ("bundle", False, {"text/plain", "text/html"}),
    ],
)
def test_where_nothing_can_be_live_nothing_is_made(view: str, kernel: bool, types: set[str]) -> None:
    bundle = shown(view, kernel=kernel)

    assert set(bundle) == types
    assert "data-ccm" not in str(bundle)


@pytest.mark.parametrize("asked", ["html", "text", "bundle", "widgets", "raw"])
def test_what_the_line_asks_for_goes_before_what_is_configured(asked: str) -> None:
    response = Response({"event": "pong"}, Request("ping"), server="lab", elapsed=0.012)
    response.view = asked

    assert (
        set(shown("text" if asked == "widgets" else "widgets", response=response))
        == {
            "html": {"text/plain", "text/html"},
            "text": {"text/plain"},
            "raw": {"text/plain"},
            "bundle": {"text/plain", "text/html", display.WIDGET_VIEW},
            "widgets": {"text/plain", "text/html"},
        }[asked]
    )


@pytest.mark.parametrize("view", ["widgets", "bundle", "html", "text"])
def test_a_page_is_made_live_when_it_is_shown_so(
    view: str, make: Callable[[], Widget], made: list[Widget]
) -> None:
    page = LivePage((Note("a line"),), make)
    bundle = display.page_bundle(page, view)

    assert bundle["text/plain"] == "a line"
    assert ("data-ccm=" in bundle.get("text/html", "")) == (view == "widgets")
    assert (display.WIDGET_VIEW in bundle) == bool(made) == (view == "bundle")


def test_progress_is_a_line_that_names_the_host_and_reads_well_by_itself() -> None:
    told = ProgressLine("<b>", "waiting for lab", "The stop button ends the waiting.", 2.04)
    html = widgets.progress_html(told)

    assert html.startswith(f'<div data-ccm-progress="{get_view_host().name}" data-ccm-seconds="2.0">')
    assert "&lt;b&gt;: waiting for lab" in html
    assert re.fullmatch(
        r"<b>: waiting for lab since \d\d:\d\d:\d\d \w+\. The stop button ends the waiting\.",
        widgets.since(told),
    )


def test_the_line_is_written_again_only_when_its_words_change() -> None:
    published = []

    class Publisher:
        def publish(self, bundle: dict[str, Any], **how: Any) -> None:
            published.append((set(bundle), how["update"]))

    progress = CellProgress(Publisher(), ticking=True)
    for words, seconds in (("waiting", 1.0), ("waiting", 2.0), ("runs as a job", 3.0)):
        progress.show(ProgressLine("x", words, "Stop.", seconds))
    progress.show("")

    both = {"text/plain", "text/html"}
    assert published == [(both, False), (both, True), ({"text/plain"}, True)]
