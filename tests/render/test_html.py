"""The HTML of every view: its words, and that it is safe and small whatever a server sends."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, get_args

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters import clean_html

from cocalc_magic import render
from cocalc_magic.render import Rendered
from cocalc_magic.render.blocks import Block, Frame
from cocalc_magic.sanitize import visible
from tests.render.boxed import assert_boxed
from tests.render.hostile import SMALL, VALUES, nested
from tests.render.responses import PROJECT, answered, command_output, file, folder, found, pong, ran, refused
from tests.render.views import all_blocks, other_blocks, texts
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic.response import Response


TAGS = {
    "div",
    "span",
    "b",
    "pre",
    "table",
    "tr",
    "td",
    "details",
    "summary",
    "a",
    "img",
}
ATTRIBUTES = {(tag, "style") for tag in TAGS} | {
    ("div", "class"), ("span", "class"), ("span", "title"), ("span", "dir"), ("b", "title"), ("a", "title"), ("details", "open"), ("td", "title"), ("td", "role"), ("div", "role"), ("a", "href"), ("a", "target"), ("a", "rel"), ("img", "src"), ("img", "alt"),
}  # fmt: skip
FRAME = {"sandbox", "srcdoc", "title", "loading", "referrerpolicy", "style"}
# Controls but newline and tab, lone surrogates, and what is not seen but hides or turns what is.
HARMFUL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)


class Page(HTMLParser):
    """What a browser would see: tags, attributes, the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: Counter[tuple[str, str]] = Counter()
        self.styles: set[str] = set()
        self.links: set[str] = set()
        self.frames: list[dict[str, Any]] = []
        self.text = ""
        self.open: list[str] = []
        self.other: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.frames.append(dict(attrs))
            self.open.append(tag)
            return
        self.tags[tag] += 1
        if tag != "img":
            self.open.append(tag)
        self.links.update(value or "" for name, value in attrs if name in ("href", "src"))
        self.attributes.update((tag, name) for name, _ in attrs)
        self.styles.update(value or "" for name, value in attrs if name == "style")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment  # type: ignore[assignment]  # by position, whatever the name


# Every field that a view shows, filled with one value of a server.
PLACES: dict[str, Callable[[Any], Response]] = {
    "event": lambda value: answered({"event": value}),
    "server time": lambda value: answered({"event": "pong", "now": value}),
    "stdout": lambda value: command_output(stdout=value),
    "stderr": lambda value: command_output(stderr=value),
    "exit code": lambda value: command_output(exit_code=value),
    "status": lambda value: command_output(status=value, job_id=value),
    "file": lambda value: file(value),
    "path": lambda value: file("text", path=value),
    "empty file's path": lambda value: file("", path=value),
    "cell": lambda value: found([{"name": value}, {"name": [value], "other": {"name": value}}]),
    "column": lambda value: found([{str(value): 1}]),
    "leaf": lambda value: answered({"event": "x", "leaf": value, "list": [value]}),
    "name": lambda value: answered({"event": "x", str(value): {str(value): 1}}),
    "bare": lambda value: answered(value),
    "error": lambda value: refused(value),
    "reason": lambda value: answered({"reason": {str(value): value}}, ok=False),
    "failed bare": lambda value: answered(value, ok=False),
    "project": lambda value: pong(options={"project_id": value}),
    "asked": lambda value: answered({}, str(value)),
    "server": lambda value: pong(server=str(value)),
    "address": lambda value: found([{"project_id": PROJECT, "title": "x"}], address=str(value)),
    "project's title": lambda value: found([{"project_id": PROJECT, "title": str(value), "created": value}]),
    "user's name": lambda value: found(
        [{"account_id": str(value), "first_name": str(value), "last_name": ""}]
    ),
    "listed file": lambda value: folder([{"name": value, "size": value, "mtime": value, "isdir": value}]),
    "printed": lambda value: ran({"name": "stdout", "text": value}, {"name": value, "text": [value, "\n"]}),
    "raised": lambda value: ran({"ename": value, "evalue": value, "traceback": [value]}, {"ename": value}),
    "displayed": lambda value: ran(
        *({"data": {kind: value}} for kind in DISPLAYED), value, total_time_s=value
    ),
    "meant": lambda value: ran({"data": {"image/png": "AAAA", "text/plain": value}}),
    "file by type": lambda value: file(value, path="x.py"),
    "csv": lambda value: file(f"{value},b\n1,{value}\n", path="x.csv"),
    "svg": lambda value: file(value, path="x.svg"),
    "markdown": lambda value: file(value, path="x.md"),
    "html": lambda value: file(value, path="x.html"),
    "notebook": lambda value: file(_notebook(value), path="x.ipynb"),
}
DISPLAYED: tuple[str, ...] = (
    "text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml", "x/y",
)  # fmt: skip


def _notebook(value: object) -> str:
    cells = [
        {"cell_type": "markdown", "source": [str(value)]},
        {"cell_type": "code", "source": value, "outputs": [{"data": {"text/html": value}}, value]},
    ]
    return json.dumps({"cells": [*cells, value]}, default=str)


def _formats(response: Response) -> Iterator[tuple[str, str]]:
    """The lists of blocks that a reader can see of a response, as HTML and as text."""
    rendered = Rendered(response)
    sections = (render.json_blocks, render.request_blocks, render.code_blocks)
    views = [rendered.blocks, rendered.file_blocks, *(section(response) for section in sections)]
    for blocks in filter(None, views):
        yield render.format_html(blocks), render.format_text(blocks)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_nothing_of_a_server_gets_through(value: Any) -> None:
    for place, (html, text) in (
        (place, seen) for place, make in PLACES.items() for seen in _formats(make(value))
    ):
        page = Page(html)

        assert page.open == [], place
        assert page.other == []
        assert set(page.tags) <= TAGS
        assert set(page.attributes) <= ATTRIBUTES
        assert all(re.match(r"data:image/[a-z+]+;base64,[\w+/=]+\Z|https?://", link) for link in page.links)
        for frame in page.frames:
            assert set(frame) == FRAME
            assert frame["sandbox"] == ""
            assert_boxed(frame["srcdoc"])
        assert not [style for style in page.styles if "url" in style or "\\" in style]
        assert "\n" not in html
        assert "$" not in html
        for shown in (page.text, text):
            assert not HARMFUL.search(shown)
            assert "sk-0123456789abcdefghij" not in shown
            shown.encode()
        assert len(html) < (700_000 if place not in ("displayed", "html", "notebook") else 1_800_000), place
        assert len(text) < 800_000, place


def test_the_corpus_is_large_enough() -> None:
    assert len(VALUES) >= 100
    assert len(SMALL) >= 100


@pytest.mark.parametrize("value", SMALL.values(), ids=SMALL)
def test_no_kind_of_block_lets_anything_through(value: Any) -> None:
    html = render.format_html(texts(value))
    page = Page(html)

    assert (page.open, page.other) == ([], [])
    assert set(page.tags) <= TAGS
    assert set(page.attributes) <= ATTRIBUTES
    assert all(re.match(r"data:image/[a-z+]+;base64,[\w+/=]+\Z|https?://", link) for link in page.links)
    assert not HARMFUL.search(page.text)
    assert not HARMFUL.search(render.format_text(texts(value)))


def test_no_word_is_lost_in_exports_that_clean_html() -> None:
    """As `nbconvert --sanitize-html`, which keeps a dozen tags and writes others as text."""
    for blocks in (*all_blocks("Some words").values(), *other_blocks("Some words").values()):
        html = render.format_html(blocks)
        words, kept = (Counter(re.findall(r"\w+", _visible(text))) for text in (html, clean_html(html)))

        assert words <= kept


def _visible(html: str) -> str:
    return BeautifulSoup(html, "html.parser").get_text(" ")


def test_every_kind_of_block_is_among_them() -> None:
    shown = (*texts("x"), *other_blocks("x")["board"])

    assert {type(block) for block in shown} | {Frame} >= set(get_args(Block))


def test_signs_do_not_pile_up() -> None:
    assert visible("e" + "\u0301" * 500 + "x") == "e" + "\u0301" * 4 + "…x"
    assert visible("né\u0302\u0323") == "né\u0302\u0323"


def _words(response: Response) -> str:
    return Page(render.to_html(response)).text


def test_pong() -> None:
    assert _words(pong()) == (
        "ping → pong sandbox 12 msserver time2026-11-23 07:31:27.410 UTCround trip12 ms"
    )  # fmt: skip


def test_a_server_is_named_and_a_sandbox_is_marked() -> None:
    assert _words(pong(server="lab")).startswith("ping → pong lab sandbox 12 ms")
    assert _words(pong(server="cocalc.com", sandbox=False)).startswith("ping → pong cocalc.com 12 ms")


def test_command_output() -> None:
    assert _words(command_output("made <b>\n", "oh\n", 2)) == (
        f"project_exec → project_exec_output sandbox 12 ms · project {PROJECT}failed exit code 2made <b>\nstderroh\n"
    )


def test_file() -> None:
    assert _words(file("# Notes")).endswith("notes.md# Notes")


def test_records_are_a_table() -> None:
    page = Page(render.to_html(found([{"name": "Ada", "age": 36}, {"name": "Bo"}])))

    assert (page.tags["tr"], page.attributes["td", "role"], page.tags["td"]) == (3, 2, 6)
    assert page.text.endswith("nameageAda36Bo2 rows")


def test_other_json_is_a_tree_that_folds() -> None:
    page = Page(render.to_html(answered({"event": "x", "limits": {"cores": [list(range(20))], "on": True}})))

    assert page.tags["details"] == page.tags["summary"] == 2
    assert page.attributes["details", "open"] == 1
    assert "limitsonyescores: [1 item]0: [20 items]0: 01: 1" in page.text


def test_a_failure_is_marked() -> None:
    assert _words(refused("no such project", status=400)) == (
        "project_exec → error sandbox failed 12 ms · HTTP 400no such project"
    )


def test_styles_that_follow_the_theme_have_a_plain_one_before() -> None:
    """JupyterLab drops `var(…)` in untrusted notebooks; what is left must do."""
    for response in (
        pong(),
        command_output("x", "y"),
        found([{"a": 1}]),
        answered({"event": "x", "a": {"b": [1, "c"]}}),
    ):
        for style in Page(render.to_html(response)).styles:
            declared = [part.split(":")[0].strip() for part in style.split(";")]
            themed = [part.split(":")[0].strip() for part in style.split(";") if "var(" in part]
            assert all(declared.count(name) == 2 for name in themed if name != "color")


def test_20_of_48211_rows() -> None:
    response = found([{"number": number} for number in range(48_211)])

    assert _words(response).endswith("1920 of 48,211 rows; the response has them all")
    assert render.to_text(response).endswith("\n    19\n20 of 48,211 rows; the response has them all")


def test_12_of_15_columns() -> None:
    response = found([{f"c{number}": number for number in range(15)}])

    assert render.to_text(response).endswith("1 row, 12 of 15 columns; the response has them all")


def test_a_long_cell_is_cut() -> None:
    response = found([{"a": "x" * 1000}])

    assert "x" * 79 + "…" in _words(response)
    assert "x" * 80 not in _words(response)


def test_a_level_shows_200_values() -> None:
    text = render.to_text(answered({f"n{number}": number for number in range(1234)}))

    assert text.endswith("n199: 199\n… 1,034 more, in the response")


def test_a_wide_and_deep_value_stays_small() -> None:
    wide = {"event": "x", "all": [[{"a": [number] * 300} for number in range(40)] for _ in range(300)]}
    text = render.to_text(answered(wide))

    assert len(text) < 60_000
    assert "… 295 more, in the response" in text


def test_depth_ends() -> None:
    text = render.to_text(answered(nested(900)))

    assert text.endswith("… not shown, but in the response")


def test_a_long_text_in_a_tree_says_how_much_is_cut() -> None:
    assert render.to_text(answered({"event": "x", "a": {"b": [["y" * 3000]]}})).endswith(
        'y" … 2,500 more characters'
    )


def test_a_long_output_shows_both_ends() -> None:
    text = render.to_text(command_output("first\n" + "line\n" * 100_000 + "last\n"))

    assert "first" in text
    assert text.endswith("last")
    assert "characters not shown; the response has them all" in text
    assert text.count("\n") < 420


@pytest.mark.no_cover
@pytest.mark.usefixtures("own_heap")
@pytest.mark.parametrize(
    "unit", ["x", "line\n", "\x1b[31m", "\x1b]", "&<>", "\u202e", "\r", "\ud800", "\x1bP"]
)
def test_50_megabytes_are_shown_in_no_time(unit: str) -> None:
    response = command_output(stdout=unit * (50_000_000 // len(unit)))
    with within(1):
        html, text = render.to_html(response), render.to_text(response)

    assert len(html) < 300_000
    assert len(text) < 200_000
