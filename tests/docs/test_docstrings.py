"""Examples in the docstrings of the public classes run as they stand."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import AsyncClient, BulkResult, Client, Response
from cocalc_magic.sandbox import Sandbox
from cocalc_magic.sandbox.testing import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUBLIC: tuple[type, ...] = (AsyncClient, BulkResult, Client, FakeServer, Response, Sandbox)
EXAMPLE = re.compile(r"::\n\n((?:    .*\n|\n)+)")


def examples() -> Iterator[tuple[str, str]]:
    """Each block below `::` in a docstring of a class or of what it has, with its place."""
    for public in PUBLIC:
        for name, member in [(public.__name__, public), *inspect.getmembers(public)]:
            text = inspect.getdoc(member) or ""
            for match in EXAMPLE.finditer(text if public.__module__.startswith("cocalc_magic") else ""):
                yield f"{public.__name__}.{name}", textwrap.dedent(match[1])


EXAMPLES = dict(examples())


def test_there_are_examples() -> None:
    assert {place.partition(".")[0] for place in EXAMPLES} >= {"Client", "FakeServer", "Sandbox"}


@pytest.mark.parametrize("place", EXAMPLES)
def test_an_example_runs(place: str, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "students.csv").write_text("name\nAda\n", "utf-8")
    names: dict[str, Any] = {public.__name__: public for public in PUBLIC}

    exec(EXAMPLES[place], names | {"client": client, "key": "sk-any"})  # noqa: S102 - our own lines
