"""Which options and fields hold the name of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

PERSON_NAMES = frozenset({"first_name", "last_name", "firstName", "lastName", "username"})
"""Names of options and fields of messages and tables that are about a person wherever they stand."""

_OF_A_PERSON = frozenset({*PERSON_NAMES, "email_address"})


def is_person_name(field: str, beside: Collection[str] = ()) -> bool:
    """Return whether a field holds the name of a person.

    Args:
        field: Its name.
        beside: The names of all fields of the same object: `name` is a person's beside `first_name`, and a
            kernel's or a key's elsewhere.
    """
    return field in PERSON_NAMES or (field == "name" and not _OF_A_PERSON.isdisjoint(beside))
