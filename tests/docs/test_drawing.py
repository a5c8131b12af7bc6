"""The drawing of the layers shows what the code imports."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from docs import drawing

ROOT = Path(__file__).parents[2]


def found(name: str) -> bool:
    """Whether a folder or a module of the package has this name."""
    place = ROOT / "cocalc_magic" / name
    return place.exists() or place.with_suffix(".py").exists()


def test_every_folder_stands_above_what_it_imports() -> None:
    graph = drawing.edges()
    heights = drawing.levels(graph)

    assert {"sandbox", "client", "cli", *drawing.WAY} <= set(graph)
    assert [(a, b) for a in graph for b in graph[a] if heights[a] <= heights[b]] == []


def test_the_page_of_it_names_places_that_there_are() -> None:
    page = (ROOT / "docs/carry-on/architecture.md").read_text("utf-8")
    named = re.findall(r"`(\w+(?:/\w*)+|response)`", page)

    assert len(named) > 12
    assert [name for name in named if not found(name) and not found(f"client/wire/{name}")] == []


def test_lines_that_follow_from_others_are_left_out() -> None:
    assert drawing.lines({"c": {"b", "a"}, "b": {"a"}, "a": set()}) == [("b", "a"), ("c", "b")]


def test_it_is_a_picture_with_the_name_of_each_and_numbered_stations() -> None:
    root = ET.fromstring(drawing.svg())  # noqa: S314 - made here
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]

    assert set(drawing.edges()) <= set(texts)
    assert [text for text in texts if text and text.isdigit()] != []
