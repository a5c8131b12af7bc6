"""What is left of a hostile text."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_magic.errors import MessageFailed
from cocalc_magic.sanitize import cut, visible, visible_line
from cocalc_magic.sanitize.secret_forms import mask_named


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext ž 🐴", "plain\n\ttext ž 🐴"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred\x9d0;t\x9c!", "red!"),
        ("\x1b]never ends", "never ends"),
        ("cut\x1b[3", "cut"),
        ("50 %\r100 %\r\ndone", "50 %\n100 %\ndone"),
        ("a\x08b\x00c\x7f\x85", "abc"),
        ("exe.\u202egpj", "exe.⟨U+202E⟩gpj"),
        ("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩"),
        ("one\u2028two", "one⟨U+2028⟩two"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("\ud800!", "\ufffd!"),
        ("key sk-abcdefghij0123456789.", "key sk-…89."),
        ("sk_abcdefghij0123456789", "sk_…89"),
        ("sk\x1b[0m-abcdefghij0123456789", "sk-…89"),
        ("disk-abcdefghij0123456789 sk-...000007", "disk-abcdefghij0123456789 sk-...000007"),
    ],
)
def test_only_what_can_be_seen_is_left(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_stays_one_line() -> None:
    assert visible_line("a\nb\tc\r\n") == "a⏎b c⏎"


@pytest.mark.parametrize("name", ["api_key", "API_KEY", "secret", "token", "auth_token", "password"])
def test_secrets_are_masked_by_name(name: str) -> None:
    assert mask_named(name, "hunter2") == "•••"


@pytest.mark.parametrize(
    ("name", "value"), [("title", "secret"), ("secret", ""), ("token", None), ("password", True)]
)
def test_nothing_else_is_masked(name: str, value: Any) -> None:
    assert mask_named(name, value) == value


def test_cut() -> None:
    assert cut("12345", 5) == "12345"
    assert cut("123456", 5) == "1234…"


def test_an_error_shows_the_words_of_a_server_harmless() -> None:
    """What IPython prints goes to terminals, and into the notebook that is saved."""
    said = (
        "no\x1b[2J\x1b]52;c;ZXZpbA==\x07 exe.\u202egpj \ud800 sk-0123456789abcdefghij\r\n\x9b31mof\x00 course"
    )

    assert MessageFailed(said)._render_traceback_() == [
        "Failed: no exe.⟨U+202E⟩gpj \ufffd sk-…ij", "of course"
    ]  # fmt: skip
