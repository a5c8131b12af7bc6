"""Front ends that show text alone: `jupyter console`, and qtconsole, which takes the same kind of each output."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pexpect
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("jupyter_console") is None, reason="there is no console (pip install jupyter-console)"
    ),
]


@pytest.fixture(scope="module")
def typed() -> Iterator[Callable[[str], str]]:
    """Type a line; return what is said to it."""
    command = ["-m", "jupyter_console", "--simple-prompt", "--kernel=python3", "--no-confirm-exit"]
    console = pexpect.spawn(
        sys.executable, command, encoding="utf-8", timeout=120, dimensions=(40, 160), echo=False
    )

    def said(line: str) -> str:
        console.sendline(line)
        console.expect(r"In \[\d+\]: $")
        return re.sub(r"\x1b\[[0-9;]*m", "", str(console.before)).replace("\r\n", "\n")

    console.expect(r"In \[\d+\]: $")
    said("%load_ext cocalc_magic")
    yield said
    console.sendeof()
    console.expect(pexpect.EOF)
    console.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%cocalc ping", "ping → pong · [sandbox]"),
        ("%cocalc help ping", "Fields of the response (pong):"),
        ("%cocalc form create_project", "%cocalc help create_project lists its options."),
        ("%cocalc explore", "%cocalc help has all of it as text."),
        ("%cocalc pin", "Not sent: there is no event 'pin'."),
    ],
)
def test_everything_is_said_as_text(typed: Callable[[str], str], line: str, words: str) -> None:
    said = typed(line)

    assert words in said
    assert not re.search(r"<div|<span|Widget|object at 0x", said)
