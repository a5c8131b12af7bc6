"""Results are found out once, kept within bounds, and forgotten in the order in which they were asked for."""

from __future__ import annotations

import threading

import pytest

from cocalc_magic.sandbox.storage.cache import SingleFlightCache, content_hash


def keep(memory: SingleFlightCache[str], key: str, text: str | None = None) -> str:
    return memory.get_or_compute(key, lambda: text or key, len)


def test_it_is_found_out_once() -> None:
    memory: SingleFlightCache[str] = SingleFlightCache(100)

    assert keep(memory, "a", "first") == "first"
    assert keep(memory, "a", "second") == "first"
    assert memory.get("b") is None


def test_the_longest_unasked_is_forgotten_first() -> None:
    memory: SingleFlightCache[str] = SingleFlightCache(100, max_entries=2)
    keep(memory, "a")
    keep(memory, "b")
    memory.get("a")

    keep(memory, "c")

    assert [memory.get(key) for key in "abc"] == ["a", None, "c"]


def test_it_keeps_within_its_room() -> None:
    memory: SingleFlightCache[str] = SingleFlightCache(10)
    for key in ("aaaa", "bbbb", "cccc", "d" * 11):
        keep(memory, key)

    assert [memory.get(key) for key in ("aaaa", "bbbb", "cccc", "d" * 11)] == [None, "bbbb", "cccc", None]


def test_what_has_no_size_is_not_kept() -> None:
    memory: SingleFlightCache[str] = SingleFlightCache(10)

    memory.get_or_compute("a", lambda: "cut", lambda _: None)

    assert memory.get("a") is None


def test_who_asks_meanwhile_gets_the_same_and_failures_too() -> None:
    memory: SingleFlightCache[str] = SingleFlightCache(10)
    begun, go = threading.Event(), threading.Event()
    seen: list[object] = []

    def fail() -> str:
        begun.set()
        go.wait(10)
        raise ValueError("no")

    def ask() -> None:
        try:
            memory.get_or_compute("a", fail, len)
        except ValueError as problem:
            seen.append(problem)

    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    begun.wait(10)
    second.start()
    go.set()
    first.join(10)
    second.join(10)

    assert [str(problem) for problem in seen] == ["no", "no"]
    assert keep(memory, "a", "later") == "later"


@pytest.mark.parametrize("other", [{"a": 1, "b": None}, {"b": [1], "a": 1, "c": ""}])
def test_a_hash_tells_questions_apart_and_not_their_order(other: dict[str, object]) -> None:
    assert content_hash({"a": 1, "b": [1]}) == content_hash({"b": [1], "a": 1})
    assert content_hash({"a": 1, "b": [1]}) != content_hash(other)
