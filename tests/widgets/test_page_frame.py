"""A project's page in a frame, and a form under the brand of a product: what their state holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.config.secret import Secret
from cocalc_magic.look import Look
from cocalc_magic.session.sign_in_link import SignInLink
from cocalc_magic.widgets import branded
from cocalc_magic.widgets.brand import accent_sheet
from cocalc_magic.widgets.keydialog import PAD_BYTES
from cocalc_magic.widgets.page_frame import PageFrame

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "k3Zs8WbQ0dT1uLr6xVn9pMca"
ADDRESS = "http://127.0.0.1:1/projects/x/files/a.md"
PAD = list(range(256)) * (PAD_BYTES // 256)


class Sent(PageFrame):
    """Writes down what it sends to the pages."""

    def send(self, content: Any, buffers: Any = None) -> None:
        self.__dict__.setdefault("sent", []).append(content)


@pytest.fixture
def frame() -> Iterator[Any]:
    link = SignInLink(f"{ADDRESS}?auth_token=", "Sam", Secret(TOKEN))
    made = Sent("a.md", ADDRESS, "*", link)
    made.sent = []
    yield made
    made.close()


def state(widget: Any) -> str:
    return json.dumps(widget.get_state(), default=str)


def test_a_token_goes_once_to_the_page_that_asks_and_into_no_state(frame: Any) -> None:
    before = state(frame)
    frame._run(None, {"do": "sign-in", "pad": PAD}, None)
    frame._run(None, {"do": "sign-in", "pad": PAD}, None)

    [answer] = [content for content in frame.sent if "shown" in content]
    assert "".join(chr(byte ^ PAD[place]) for place, byte in enumerate(answer["shown"])) == TOKEN
    assert TOKEN not in before + state(frame)
    assert "a sign-in link is shown once" in frame.status
    assert frame.sign_in == ""


@pytest.mark.parametrize("pad", [None, [], [1] * 100, "x" * 600, [300] * 600])
def test_a_page_without_random_bytes_gets_no_token_and_loses_none(frame: Any, pad: Any) -> None:
    frame._run(None, {"do": "sign-in", "pad": pad}, None)

    assert frame.sent == []
    assert frame.is_wrong
    assert frame.sign_in.endswith("?auth_token=")


def test_where_frames_are_forbidden_there_is_nothing_to_paste() -> None:
    made = PageFrame("a.md", ADDRESS, "")

    assert (made.html, made.sign_in) == ("", "")
    made.close()


def test_a_form_is_as_it_is_without_a_look_and_below_its_brand_with_one() -> None:
    widget = PageFrame("a.md", ADDRESS, "")
    assert branded(None, widget) is widget

    made = branded(Look("The Bookshop", "", "#7a1f5c"), widget)
    assert [type(part).__name__ for part in made.children] == ["Brand", "PageFrame"]
    assert made.brand.title == "The Bookshop"
    assert "ccm-accent-7a1f5c" in made._dom_classes
    for part in (*made.children, made):
        part.close()


def test_a_colour_is_for_its_own_forms_in_light_and_in_dark_themes() -> None:
    sheet = accent_sheet(Look(accent="#7a1f5c"))

    assert sheet.splitlines()[0] == (
        ".ccm-accent-7a1f5c, .ccm-accent-7a1f5c [class*='ccm'] "
        "{ --ccm-accent: #7a1f5c; --ccm-on-accent: #ffffff; }"
    )
    assert "data-jp-theme-light='false'" in sheet.splitlines()[1]
    assert accent_sheet(Look("The Bookshop")) == ""
