"""The drawing of the layers shows what the code imports."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from docs import drawing


def test_every_folder_stands_above_what_it_imports() -> None:
    graph = drawing.edges()
    heights = drawing.levels(graph)

    assert {"sandbox", "client", "cli", *drawing.WAY} <= set(graph)
    assert [(a, b) for a in graph for b in graph[a] if heights[a] <= heights[b]] == []


def test_lines_that_follow_from_others_are_left_out() -> None:
    assert drawing.lines({"c": {"b", "a"}, "b": {"a"}, "a": set()}) == [("b", "a"), ("c", "b")]


def test_it_is_a_picture_with_the_name_of_each_and_numbered_stations() -> None:
    root = ET.fromstring(drawing.svg())  # noqa: S314 - made here
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]

    assert set(drawing.edges()) <= set(texts)
    assert [text for text in texts if text and text.isdigit()] != []
