"""A key can be used and not seen."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import traceback
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.config.secret import Secret, redact
from cocalc_magic.errors import CoCalcError
from tests.leaks.examples import KEYS, core

if TYPE_CHECKING:
    from collections.abc import Callable


KEY = "sk-Marked0Marked00000001n"


@pytest.fixture
def secret() -> Secret:
    return Secret(KEY)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r:>60}".format,
        lambda s: f"{s:>40}",
        lambda s: repr([s, {"key": s}]),
        ascii,
        dir,
    ],
)
def test_no_way_of_showing_it_shows_it(secret: Secret, show: Callable[[Secret], object]) -> None:
    assert "Marked" not in str(show(secret))


def test_a_log_does_not_show_it(secret: Secret, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("key %s %r", secret, secret)

    assert "key ••• <Secret •••>" in caplog.text
    assert "Marked" not in caplog.text


def test_a_traceback_with_variables_does_not_show_it(secret: Secret) -> None:
    try:
        raise ValueError(secret)
    except ValueError as problem:
        told = traceback.TracebackException.from_exception(problem, capture_locals=True)

    assert "Marked" not in "".join(told.format())


def test_it_has_no_variables_to_look_into(secret: Secret) -> None:
    with pytest.raises(TypeError):
        vars(secret)


def test_it_is_no_json(secret: Secret) -> None:
    with pytest.raises(TypeError):
        json.dumps({"key": secret})


def test_it_can_not_be_pickled(secret: Secret) -> None:
    with pytest.raises(CoCalcError, match="a key can't be pickled"):
        pickle.dumps(secret)


def test_a_copy_is_the_same_key(secret: Secret) -> None:
    assert copy.copy(secret) == copy.deepcopy(secret) == secret
    assert len({secret, Secret(KEY)}) == 1
    assert secret.reveal() == KEY


def test_an_empty_one_is_false() -> None:
    assert not Secret("")
    assert Secret("") != ""


def test_its_hint_tells_keys_apart(secret: Secret) -> None:
    assert secret.hint == "sk-…1n"
    assert Secret("short").hint == "•••"


@pytest.mark.parametrize(
    "shape",
    [
        KEY,
        base64.b64encode(f"{KEY}:".encode()).decode(),
        base64.b64encode(KEY.encode()).decode(),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        "".join(f"%{ord(letter):02X}" for letter in KEY),
        "".join(f"&#{ord(letter)};" for letter in KEY),
        "".join(f"&#x{ord(letter):x};" for letter in KEY),
        "".join(f"\\x{ord(letter):02x}" for letter in KEY),
        "".join(f"\\u{ord(letter):04x}" for letter in KEY),
    ],
)
def test_it_is_taken_out_of_text(secret: Secret, shape: str) -> None:
    assert redact(f"Unknown type '{shape}'", secret) == "Unknown type '•••'"
    assert redact("nothing here", secret) == "nothing here"
    assert redact(shape, None) == shape


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("before", ["", "x ", "\\n", "%20"])
def test_keys_of_every_form_are_taken_out_of_text(key: str, before: str) -> None:
    assert redact(f"{before}{key}!", Secret(key)) == f"{before}•••!"
    assert core(key) not in redact(base64.b64encode(f"{key}:".encode()).decode(), Secret(key))
    assert Secret(key).hint == f"{key[:3]}…{key[-2:]}"
