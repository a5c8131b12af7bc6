"""The examples of the help run as they stand on the sandbox's first world, or say what they need besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.errors import ServerError
from cocalc_magic.render.blocks import Note, Pre, Verdict
from cocalc_magic.render.help import AVAILABILITY

if TYPE_CHECKING:
    from cocalc_magic.render.page import Page

EVENTS = list(catalog.messages())
UNAVAILABLE = ("is not part of the HTTP API", "unknown endpoint", "unknown message event type")


@pytest.fixture
def first_world(shell: Any) -> Any:
    """A notebook whose sandbox is as it begins."""
    shell.cell("%cocalc sandbox reset")
    return shell


def example(page: Page) -> str:
    return next(
        block.text for block in page.blocks if isinstance(block, Pre) and block.label.startswith("Example")
    )


def notes(page: Page) -> str:
    return " ".join(block.text for block in page.blocks if isinstance(block, Note | Verdict))


@pytest.mark.parametrize("event", EVENTS)
def test_an_example_runs_or_its_help_says_why_not(first_world: Any, event: str) -> None:
    page = first_world.cell(f"%cocalc help {event}")
    message = catalog.find(event)
    if message.availability == "open" and not message.example.needs:
        assert first_world.cell(example(page)).ok
        return
    with pytest.raises(ServerError) as refused:
        first_world.cell(example(page))
    unavailable = any(words in str(refused.value) for words in UNAVAILABLE)
    assert unavailable is (message.availability != "open")
    assert AVAILABILITY.get(message.availability, message.example.needs) in notes(page)
