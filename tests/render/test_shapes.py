"""Views by kind: what is coloured, tabled, carded, pictured and framed, in words and in HTML."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import render
from cocalc_magic.render import Rendered, humanize
from cocalc_magic.render.blocks import Frame, Picture, Pre, Table
from cocalc_magic.render.embed import MAX_HTML, RawText, Tag, frame_document, html_text, parse
from cocalc_magic.render.highlight import COLORS, code_pieces
from tests.render.boxed import assert_boxed
from tests.render.responses import PROJECT, answered, command_output, file, folder, found, ran
from tests.timing import within

if TYPE_CHECKING:
    from cocalc_magic.response import Response


ACCOUNT = "b775cab6-da92-4721-afb4-e419c0c3512c"
DOT = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def lines(response: Response) -> list[str]:
    """The text of the view without its heading."""
    return render.to_text(response).splitlines()[1:]


def test_a_terminal_s_colours_are_shown_and_not_told() -> None:
    response = command_output("\x1b[1;31mred\x1b[0m plain \x1b[38;2;0;0;255mblue\x1b[m\n")

    html = render.to_html(response)
    assert '<span style="color: #d43c3c; font-weight: 600">red</span> plain ' in html
    assert f'<span style="color: {COLORS["blue"]}">blue</span>' in html
    assert lines(response) == ["red plain blue"]


def test_a_key_with_a_colour_inside_is_still_short() -> None:
    html = render.to_html(command_output("sk-01234\x1b[31m56789\x1b[0mabcdefghij"))

    assert "sk-…ij" in html
    assert "56789" not in html


def test_every_colour_can_be_read_on_white_and_on_black() -> None:
    def light(color: str) -> float:
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for color in COLORS.values():
        assert 1.05 / (light(color) + 0.05) >= 4, color
        assert (light(color) + 0.05) / (light("#111111") + 0.05) >= 4, color


def test_colours_end_after_a_thousand() -> None:
    html = render.to_html(command_output("\x1b[31mx\x1b[32my" * 5000))

    assert html.count("<span style=") < 2100  # of both ends
    assert len(html) < 200_000


def test_code_is_coloured_by_the_file_s_name() -> None:
    html = render.to_html(file("def f():\n    return 'x'  # why\n", "lib/f.py"))

    assert ">def</span> " in html
    assert "font-style: italic" in html
    assert lines(file("def f(): pass", "f.py")) == ["f.py:", "def f(): pass"]


@pytest.mark.parametrize(
    "text", ["x = (" * 2000, "'" * 3000, '"""' + "\\" * 3000, "\r\n\t\ufeff", "{" * 3000]
)
@pytest.mark.parametrize(
    "language", ["python", "markdown", "latex", "html", "bash", "json", "cpp", "no such"]
)
def test_colours_change_no_text_and_cost_little(text: str, language: str) -> None:
    with within(2):
        shown = code_pieces(text, language)

        assert "".join(piece for piece, _ in shown) == text


def test_csv_is_a_table() -> None:
    response = file('name,age\n"Ada, L.",36\nBo,7\n', "people.csv")

    assert lines(response) == [
        "file  people.csv",
        "size  27 bytes",
        "name     age",
        "───────  ───",
        "Ada, L.   36",
        "Bo         7",
        "2 rows",
    ]


@pytest.mark.parametrize(
    "content", ["one column\nonly\n", '"never closed,x\n', "a,b", "x" * 200_000 + ",b\n1,2\n"]
)
def test_what_is_no_csv_is_text(content: str) -> None:
    assert isinstance(Rendered(file(content, "x.csv")).blocks[-1], Pre)


def test_a_svg_file_is_a_picture_that_runs_nothing() -> None:
    html = render.to_html(file("<svg onload='alert(1)'></svg>", "x.svg"))

    assert '<img src="data:image/svg+xml;base64,' in html
    assert "onload" not in html


def test_markdown_is_text_and_can_be_rendered() -> None:
    response = file("# Title\n<script>x</script>\n[link](http://evil)", "notes.md")
    (shown,) = Rendered(response).file_blocks or ()

    assert isinstance(shown, Frame)
    assert lines(response)[1] == "# Title"
    assert "<h1>Title</h1>" in frame_document(shown.html)
    assert "http://evil" not in frame_document(shown.html)
    assert_boxed(frame_document(shown.html))


def test_a_notebook_is_json_and_can_be_rendered() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": "1 + 1", "outputs": [{"data": {"text/plain": "2"}}]},
    ]
    shown = Rendered(file(json.dumps({"cells": cells}), "x.ipynb")).file_blocks or ()

    assert [type(block) for block in shown] == [Frame, Pre, Pre]
    assert render.format_text(shown).splitlines()[-2:] == ["1 + 1", "2"]


@pytest.mark.parametrize(
    ("path", "content"), [("x.py", "1"), ("x.ipynb", "no JSON"), ("x.ipynb", "[]"), ("x", "")]
)
def test_other_files_are_not_rendered(path: str, content: str) -> None:
    assert Rendered(file(content, path)).file_blocks is None


def test_jupyter_output_is_shown_as_a_notebook_shows_it() -> None:
    response = ran(
        {"name": "stdout", "text": "printed\n"},
        {"data": {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "   a\n0  1"}},
        {"data": {"image/png": DOT, "text/plain": "<Figure>"}},
        {"ename": "ZeroDivisionError", "evalue": "x", "traceback": ["\x1b[31mZeroDivisionError\x1b[0m: x"]},
        total_time_s=0.42,
    )

    html = render.to_html(response)
    assert f'<img src="data:image/png;base64,{DOT}" alt="&lt;Figure&gt;"' in html
    assert '<iframe sandbox="" srcdoc="' in html
    assert '<td role="rowheader" style="padding: 1px 16px 1px 0; border: none; background: none' in html
    assert lines(response) == [
        "printed",
        "   a",
        "0  1",
        "[image/png] <Figure>",
        "ZeroDivisionError: x",
        "ran for  420 ms",
    ]


def test_html_that_is_a_script_alone_gives_way_to_text() -> None:
    response = ran({"data": {"text/html": "<script>plot()</script>", "text/plain": "Figure"}})

    assert lines(response) == ["Figure"]
    assert "iframe" not in render.to_html(response)


@pytest.mark.parametrize("content", ["no base64!", "", 7, None, "A" * 3_000_000])
def test_a_picture_that_is_none_gives_way_to_text(content: str) -> None:
    assert lines(ran({"data": {"image/png": content, "text/plain": "Figure"}})) == ["Figure"]


def test_fifty_outputs_are_shown() -> None:
    assert lines(ran(*[{"data": {"text/plain": "x"}}] * 60))[-1] == "… 10 more outputs, in the response"


def test_a_few_projects_are_cards_that_open_in_cocalc() -> None:
    record = {
        "project_id": PROJECT,
        "title": "Course",
        "last_edited": "2026-11-23T07:31:27.410Z",
        "deleted": None,
    }
    response = found([record], address="https://cocalc.com", sandbox=False)

    html = render.to_html(response)
    assert (
        f'<a href="https://cocalc.com/projects/{PROJECT}" target="_blank" rel="noopener noreferrer"' in html
    )
    assert 'title="2026-11-23T07:31:27.410Z"' in html
    assert lines(response) == [
        f"Course · https://cocalc.com/projects/{PROJECT}",
        f"  project id   {PROJECT}",
        "  last edited  2026-11-23 07:31 UTC",
    ]


def test_a_few_people_are_cards() -> None:
    record = {"account_id": ACCOUNT, "first_name": "Ada", "last_name": "L", "last_active": None}

    assert lines(found([record])) == ["Ada L", f"  account id  {ACCOUNT}"]


def test_many_people_are_a_table() -> None:
    record = {"account_id": ACCOUNT, "first_name": "Ada", "last_name": "L"}

    assert isinstance(Rendered(found([record] * 13)).blocks[-1], Table)


@pytest.mark.parametrize("address", ["", "javascript:alert(1)", "data:text/html,x"])
def test_only_a_web_address_is_a_link(address: str) -> None:
    assert "<a " not in render.to_html(found([{"project_id": PROJECT, "title": "x"}], address=address))


def test_a_folder() -> None:
    files = [{"name": "src", "isdir": True}, {"name": "a.txt", "size": 12_345, "mtime": 1_795_423_161}]

    assert lines(folder(files)) == [
        "name    size  modified",
        "─────  ─────  ────────────────────",
        "src/",
        "a.txt  12 kB  2026-11-23 08:39 UTC",
        "2 rows",
    ]
    assert 'title="12,345 bytes"' in render.to_html(folder(files))
    assert lines(folder([])) == ["The folder is empty."]


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (12_345, "12 kB"), (10**9, "1.0 GB"),
     (999_600, "1.0 MB")],
)  # fmt: skip
def test_sizes(count: int, words: str) -> None:
    assert humanize.byte_size(count) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("created", 1_795_423_161_012, "2026-11-23 08:39 UTC"),
        ("mtime", 1_795_423_161, "2026-11-23 08:39 UTC"),
        ("created", True, "true"),
        ("created", "soon", "soon"),
        ("created", 10**300, str(10**300)[:79] + "…"),
        ("other", 1_795_423_161_012, "1795423161012"),
        ("size", -1, "-1"),
    ],
    ids=str,
)
def test_times_and_sizes_are_told_by_name(name: str, value: Any, words: str) -> None:
    assert humanize.field_text(name, value, 80) == words


def test_a_frame_keeps_what_is_harmless() -> None:
    html = "<p class=x style='color:red'>a <b>b</b> &amp; c</p><img src='data:image/png;base64,AAAA'><style>p{}</style>"
    document = frame_document(html)

    assert '<p class="x" style="color:red">a <b>b</b> &amp; c</p>' in document
    assert '<img src="data:image/png;base64,AAAA">' in document
    assert "<style>p{}</style>" in document
    assert html_text(html) == "a b & c"


UNITS = ["<a<a", "<", "<!--", "<!", "</", "&", "<a ", "<style>", "<![", "<?", "<a b='", "<a b=c ", "<a/", "&#x", "<a\n=",
         "<script>", "</a ", "<a b=\"'"]  # fmt: skip


@pytest.mark.no_cover
@pytest.mark.usefixtures("own_heap")
@pytest.mark.parametrize("unit", UNITS)
def test_a_frame_takes_no_time(unit: str) -> None:
    with within(3):
        document = frame_document(unit * (MAX_HTML // len(unit)))

    assert_boxed(document)


@pytest.mark.parametrize(
    ("html", "parted"),
    [
        ("a<b>c</b>", ["a", Tag("b"), "c", Tag("b", closes=True), ""]),
        ("<A HREF='x>y' b c=d>", [Tag("a", (("href", "x>y"), ("b", ""), ("c", "d"))), ""]),
        ("1 < 2 &lt; 3", ["1 ", "<", " 2 < 3"]),
        ("a<!-- <b> -->c<!DOCTYPE x>d", ["a", "c", "d"]),
        (
            "<script>if (a<b) </script>c",
            [Tag("script"), RawText("script", "if (a<b) "), Tag("script", closes=True), "c"],
        ),
        ("a<b c='never", ["a"]),
        ("a<!-- never", ["a"]),
        ("<br/>x", [Tag("br"), "x"]),
        ('<a b="&quot;">', [Tag("a", (("b", '"'),)), ""]),
    ],
)
def test_html_is_taken_apart(html: str, parted: Any) -> None:
    assert list(parse(html)) == parted


def test_keys_are_a_table_without_keys() -> None:
    records = [
        {"id": 7, "name": "ci", "trunc": "sk-...00007", "secret": "sk-0123456789abcdefghij", "expire": None}
    ]
    text = render.to_text(answered({"event": "query", "query": {"api_keys": records}}, "query"))

    assert "sk-...00007" in text
    assert "abcdefghij" not in text


def test_a_picture_has_a_known_kind() -> None:
    with pytest.raises(ValueError, match="is not a kind of picture"):
        render.format_html([Picture("text/html", "x", "")])


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ({"id": "0f6b3a3e-5d5b-4c0e-9a51-0d2f3e4c5b6a"}, "%cocalc ping"),
        ({"id": "mine"}, "%cocalc ping id=mine"),
    ],
)
def test_code_leaves_out_an_id_that_the_client_has_made_up(sent: dict[str, Any], written: str) -> None:
    magic = render.code_blocks(answered({"event": "pong"}, options=sent))[0]

    assert isinstance(magic, Pre)
    assert magic.text == written
