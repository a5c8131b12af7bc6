"""The id of a world: new with each data folder and each reset, and for holders of a key alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path


def id_of(box: Sandbox, key: str = "") -> str:
    return str(Client(box.url, key or box.key, session=box.session()).control("world")["id"])


def test_it_stays_as_long_as_the_data_does(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "data") as box:
        first = id_of(box)
        assert id_of(box) == first
    with Sandbox(tmp_path / "data") as box:
        assert id_of(box) == first
    with Sandbox(tmp_path / "other") as box:
        assert id_of(box) != first


def test_it_is_new_after_a_reset() -> None:
    with Sandbox() as box:
        first = id_of(box)
        key = Client(box.url, box.key, session=box.session()).control("reset")["key"]

        assert id_of(box, key) != first


def test_a_data_folder_of_an_older_version_gets_one(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "data") as box:
        box.world.store.run("DELETE FROM settings WHERE name = 'world'")
    with Sandbox(tmp_path / "data") as box:
        assert len(id_of(box)) == 36


def test_it_is_not_told_without_a_key() -> None:
    with Sandbox() as box, pytest.raises(CoCalcError, match="No account found"):
        id_of(box, "sk-000000000000000000aaaa")
