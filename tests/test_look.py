"""The look of a product: what a title, a logo and a colour may be, and what is said of others."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_magic import look
from cocalc_magic.design import COLORS
from cocalc_magic.errors import InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
HARMLESS = '<style>.a { fill: url(#b) }</style><g class="a"><use xlink:href="#b"/></g>'


@given(st.integers(0, 0xFFFFFF))
def test_a_colour_is_seen_on_light_and_dark_pages_or_refused_with_a_better_one(number: int) -> None:
    color = f"#{number:06x}"
    try:
        accepted = look.checked_accent(color.upper())
    except InvalidValue as problem:
        accepted = look.checked_accent(problem.hints[0].rpartition(" ")[2])
    light, dark = look.Look(accent=accepted).accents

    assert look.contrast(light["accent"], COLORS["ground"].light) >= 3
    assert look.contrast(dark["accent"], COLORS["surface"].dark) >= 3
    for tokens in (light, dark):
        assert look.contrast(tokens["accent"], tokens["on-accent"]) >= 4.5


@pytest.mark.parametrize(
    ("one", "other", "contrast"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, contrast: float) -> None:
    assert look.contrast(one, other) == pytest.approx(contrast, abs=0.01)


@pytest.mark.parametrize("text", ["red", "#12", "#12345g", "#123456; }", "rgb(1,2,3)", "#1234567"])
def test_what_is_not_a_colour_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"#rrggbb"):
        look.checked_accent(text)


def test_a_logo_is_the_data_of_a_picture(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG.format(HARMLESS))
    (tmp_path / "logo.txt").write_bytes(b"\x89PNG\r\n\x1a\nrest")

    assert look.read(logo=str(tmp_path / "logo.svg")).logo.startswith("data:image/svg+xml;base64,")
    read = look.read(logo=str(tmp_path / "logo.txt"))
    assert read.logo.startswith("data:image/png;base64,")
    assert look.of_fields(vars(read)) == read


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<g><SCRIPT/></g>", "<script>"),
        ("<rect onload='alert(1)'/>", "the script onload"),
        ("<foreignObject><p/></foreignObject>", "<foreignobject>"),
        ("<image xlink:href='https://evil.test/x.png'/>", "the address 'https://evil.test/x.png'"),
        ("<a href='javascript:alert(1)'/>", "the address"),
        ("<rect style='fill: url( \"https://evil.test\")'/>", "the address"),
        ("<style>@import 'https://evil.test/x.css';</style>", "a style that loads something"),
    ],
)
def test_a_logo_that_could_run_or_load_something_is_refused(inside: str, problem: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        look.checked_logo(SVG.format(inside).encode(), "logo.svg")

    assert refused.value.problem.startswith(f"logo.svg has {problem}")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello", "is not a picture"),
        (b"<html/>", "is XML, but not SVG"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "has declarations in it"),
        ("<!DOCTYPE svg><svg/>".encode("utf-16"), "has declarations in it"),
        (b"<svg>" + b"x" * look.MAX_LOGO, "is too large"),
    ],
)
def test_what_is_not_a_logo_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        look.checked_logo(content)


def test_a_logo_that_is_not_there_and_a_long_title_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"cannot be read: No such file"):
        look.read(logo="/no/such.png")
    with pytest.raises(InvalidValue, match="at most 60 characters"):
        look.read(title="x" * 61)
    assert look.read(title=" The\n Bookshop ").title == "The Bookshop"


@pytest.mark.parametrize(
    "logo", ["https://evil.test/x.png", "data:text/html;base64,PGI+", "data:image/png;base64,a"]
)
def test_an_address_that_is_not_the_data_of_a_picture_is_refused(logo: str) -> None:
    with pytest.raises(InvalidValue):
        look.of_fields({"logo": logo})


def test_the_kind_is_that_of_the_content_and_not_what_an_address_says() -> None:
    svg = base64.b64encode(SVG.format("<script/>").encode()).decode()

    with pytest.raises(InvalidValue, match="script"):
        look.of_fields({"logo": f"data:image/png;base64,{svg}"})
