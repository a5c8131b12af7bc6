"""What names may be: those of accounts, of projects and of published paths.

Real servers convert the Error of a rule to text, so that it keeps its kind wherever it is shown.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Failed

_ACCOUNT = re.compile(r"[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}", re.IGNORECASE | re.ASCII)
_PATH = re.compile(r"[.a-z\d](?:[.a-z\d]|-(?=[.a-z\d])){0,99}", re.IGNORECASE | re.ASCII)
_ACCOUNT_LETTERS = "name must contain only a-z,A-Z,0-9, or -, and not start with hyphen."
_PATH_LETTERS = "name must contain only a-z,A-Z,0-9, . or -, and not start with hyphen or have spaces."


def check_account_name(name: Any) -> None:
    """Check a user name. Raises `Failed` for one that may not be."""
    _check_text(name, "includes")
    _check_length(name, 39)
    if is_uuid(name):
        raise _broken("name must not be a v4 UUID")
    if "--" in name:
        raise _broken("name must not contain consecutive hyphens")
    if not _ACCOUNT.fullmatch(name):
        raise _broken(_ACCOUNT_LETTERS)
    if name.lower() in _reserved():
        raise _broken(f'username "{name}" is reserved -- not available')


def check_path_name(name: Any) -> None:
    """Check the name of a project or a published path. Raises `Failed` for one that may not be."""
    _check_text(name, "toLowerCase")
    _check_length(name, 100)
    if not _PATH.fullmatch(name):
        raise _broken(_PATH_LETTERS)


def _check_text(name: Any, method: str) -> None:
    if not isinstance(name, str):
        raise Failed(f"TypeError: name.{method} is not a function")


def _check_length(name: str, most: int) -> None:
    if len(name) < 1:
        raise _broken("name must have at least 1 character")
    if len(name) > most:
        raise _broken(f"name must have at most {most} characters")


def _broken(rule: str) -> Failed:
    return Failed(f"Error: {rule}")


@cache
def _reserved() -> frozenset[str]:
    """Return the names that an account may not have, since paths of web sites have them."""
    return frozenset(Path(__file__).with_name("reserved_names.txt").read_text("utf-8").split())
