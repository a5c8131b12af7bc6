"""What a person said of a key is kept with the key that is saved, and holds for that key alone."""

from __future__ import annotations

import json

import pytest

from cocalc_magic.config import keys, saved_scope
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.config.secret import Secret

URL, OTHER = "https://cocalc.example.edu/lab", "https://cocalc.example.edu"
KEY = Secret("sk-cc-v2.savedscope000000.Marked0Marked0Marked0Marked0Marked0Marked0Q1")
ANOTHER = Secret("sk-cc-v2.savedscope000001.Marked0Marked0Marked0Marked0Marked0Marked0Q2")
ONE = "11111111-1111-4111-8111-111111111111"
SCOPE = UNKNOWN.stating("project:exec,file:read", [ONE])
pytestmark = pytest.mark.usefixtures("config")


def save() -> None:
    keys.save(URL, KEY, "file")
    assert SCOPE.stated
    saved_scope.write(URL, KEY, SCOPE.stated)


def test_it_is_read_back_for_this_key_at_this_address_and_no_other() -> None:
    save()

    assert saved_scope.find(URL, KEY) == SCOPE
    assert saved_scope.find(URL, ANOTHER) == saved_scope.find(OTHER, KEY) == UNKNOWN


def test_nothing_of_the_key_is_in_it() -> None:
    save()
    text = saved_scope.path(URL).read_text()

    assert "project:exec" in text
    assert not [part for part in KEY.reveal().split(".") if part in text]


def test_it_goes_with_the_key() -> None:
    save()
    keys.forget(URL, everywhere=True)
    assert not saved_scope.path(URL).exists()

    save()
    keys.save(URL, ANOTHER, "file")
    assert not saved_scope.path(URL).exists()


def test_a_key_is_saved_where_later_kernels_find_it() -> None:
    keys.give(URL, KEY)
    assert not keys.is_saved(URL, KEY)

    keys.save(URL, KEY, "file")
    assert keys.is_saved(URL, KEY)
    assert not keys.is_saved(URL, ANOTHER)
    keys.forget(URL, everywhere=True)


@pytest.mark.parametrize(
    "change",
    [
        {"server": OTHER}, {"server": None}, {"key": 7}, {"capabilities": ["project:exce"]}, {"capabilities": 7},
        {"capabilities": [{}]}, {"projects": [7]}, {"projects": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_broken_file_says_nothing(change: dict[str, object]) -> None:
    save()
    file = saved_scope.path(URL)
    entry = json.loads(file.read_text())
    for text in (json.dumps(entry | change), "", "[]", "{", "[" * 100_000):
        file.write_text(text)

        assert saved_scope.find(URL, KEY) == UNKNOWN
