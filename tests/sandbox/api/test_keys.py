"""Keys: their formats, how long they are good, what a project's may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic.sandbox import seed
from cocalc_magic.sandbox.domain import projects
from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.errors import Refused
from cocalc_magic.sandbox.http.auth import require_caller
from cocalc_magic.sandbox.storage.keys import base62, number_of
from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNKNOWN = "No account found"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "data")
    seed.begin(world)
    yield world
    world.close()


@pytest.fixture
def people(world: World) -> list[str]:
    return [row["account_id"] for row in world.store.select("accounts")]


def test_a_key_carries_its_number(world: World, people: list[str]) -> None:
    entry, text = world.keys.create(people[0], "first")

    assert number_of(text) == entry["id"]
    assert len(text) == 25
    assert entry["trunc"] == f"sk-...{base62(entry['id']).rjust(6, '0')}"
    assert require_caller(world, text) == Caller(people[0])


def test_a_number_is_given_once(world: World, people: list[str]) -> None:
    first, _ = world.keys.create(people[0], "first")
    world.keys.delete(first["id"])

    assert world.keys.create(people[0], "second")[0]["id"] == first["id"] + 1


def test_an_expired_key_is_unknown_and_gone_once_used(world: World, people: list[str]) -> None:
    entry, text = world.keys.create(people[0], "short", expire=now() - 1)
    assert world.keys.of_account(people[0], entry["id"])

    with pytest.raises(Refused, match=UNKNOWN):
        require_caller(world, text)

    assert world.keys.of_account(people[0], entry["id"]) == []


def test_the_key_of_a_banned_account_is_unknown_and_its_projects_too(world: World, people: list[str]) -> None:
    project_id = projects.add(world, people[1], "P", "")
    texts = [
        world.keys.create(people[1], "own")[1],
        world.keys.create(people[1], "project", project_id=project_id)[1],
    ]
    world.store.update("accounts", people[1], {"banned": True})

    for text, error in zip(texts, ("User is BANNED", UNKNOWN), strict=True):
        with pytest.raises(Refused, match=error):
            require_caller(world, text)


def test_with_a_projects_key_the_project_speaks(world: World, people: list[str]) -> None:
    project_id = projects.add(world, people[1], "P", "")
    _, text = world.keys.create(people[1], "project", project_id=project_id)

    assert require_caller(world, text) == Caller(project_id, project_id=project_id)


def test_a_projects_key_dies_when_its_maker_leaves(world: World, people: list[str]) -> None:
    project_id = projects.add(world, people[0], "P", "")
    users = {people[0]: {"group": "owner"}, people[1]: {"group": "collaborator"}}
    world.store.update("projects", project_id, {"users": users})
    entry, text = world.keys.create(people[1], "project", project_id=project_id)
    world.store.update("projects", project_id, {"users": {people[0]: {"group": "owner"}}})

    with pytest.raises(Refused, match=UNKNOWN):
        require_caller(world, text)

    assert world.keys.of_project(project_id, entry["id"]) == []


def test_no_key_is_on_disk(world: World, people: list[str]) -> None:
    texts = [
        world.keys.create(people[0], "current")[1],
        world.keys.create_legacy(people[0]),
        seed.new_start_key(world),
        world.sessions.begin(people[0]),
        world.sessions.new_token(people[0]),
    ]

    written = b"".join(path.read_bytes() for path in world.folder.glob("sandbox.db*"))

    assert [text for text in texts if text.encode() in written] == []


def test_a_key_that_replaces_ends_the_last_of_its_name_alone(world: World, people: list[str]) -> None:
    _, kept = world.keys.create(people[0], "other")
    first = world.keys.replace(people[0], "app")
    second = world.keys.replace(people[0], "app")

    assert require_caller(world, kept) == require_caller(world, second) == Caller(people[0])
    with pytest.raises(Refused, match=UNKNOWN):
        require_caller(world, first)
