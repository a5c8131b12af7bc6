"""The fields that hold names of people are those of the catalog."""

from __future__ import annotations

import re

import pytest

from cocalc_magic import catalog
from cocalc_magic.catalog.personal import PERSON_NAMES, is_person_name

SOUNDS_SO = re.compile(r"(?:first|last|user|full|given|family|middle|nick)_?name", re.IGNORECASE)
OF_SEVERAL = {"usernames", "get_usernames"}  # whose records have the names


def test_every_field_that_sounds_so_is_known() -> None:
    names = set()
    for generation in catalog.GENERATIONS:
        for message in catalog.messages(generation).values():
            names |= {option.name for option in message.options} | {field.name for field in message.fields}
        for table in catalog.tables(generation).values():
            names |= {column.name for column in table.columns}

    assert {name for name in names if SOUNDS_SO.search(name)} - OF_SEVERAL == PERSON_NAMES & names
    assert names >= PERSON_NAMES


@pytest.mark.parametrize(
    ("field", "beside", "is_name"),
    [
        ("first_name", (), True),
        ("name", ("first_name", "name"), True),
        ("name", ("email_address", "name"), True),
        ("name", ("display_name", "name"), False),
        ("name", ("account_id", "name", "trunc"), False),  # of a key
        ("title", ("first_name",), False),
    ],
)
def test_a_name_is_that_of_a_person_beside_what_persons_have(
    field: str, beside: tuple[str, ...], is_name: bool
) -> None:
    assert is_person_name(field, beside) is is_name
