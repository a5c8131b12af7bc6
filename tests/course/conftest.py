"""A class of 30 on a sandbox in this process, and its file in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cocalc_magic import Client
from cocalc_magic.course import class_file, classroom, opening
from cocalc_magic.course.classroom import Classroom
from cocalc_magic.sandbox.class_world import students
from cocalc_magic.sandbox.testing import Sandbox

Open = Callable[[], Classroom]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(world=Path("class")) as started:
        yield started


@pytest.fixture
def box_client(box: Sandbox) -> Iterator[Client]:
    with Client(box.url, box.key, session=box.session()) as connected:
        yield connected


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the notebook; journals are in one of their own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "here"


@pytest.fixture
def opened(box_client: Client, folder: Path) -> Open:
    """A function that opens the class of the folder as a new kernel would; its file has eight students.

    The last of them has no account.
    """
    chosen = [*students()[:7], students()[-1]]
    roster = [
        {
            "name": f"{one['first_name']} {one['last_name']}",
            "email": one["email_address"],
            "group": one["group"],
        }
        for one in chosen
    ]
    opening.from_list(roster, folder / class_file.DEFAULT_NAME, "Statistics 101")
    return lambda: classroom.opened(box_client, folder / class_file.DEFAULT_NAME)
