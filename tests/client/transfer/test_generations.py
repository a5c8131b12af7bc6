"""Files of any kind into projects of servers of every age and back, real sandboxes all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cocalc_magic.errors import AlreadyThere, InvalidValue
from tests.client.test_generations import sandbox
from tests.client.transfer.project import tree

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("generation", ["v1", "v1+v2", "v2", "conat", "ai"])
def test_a_folder_of_everything_goes_there_and_back(generation: str, tmp_path: Path) -> None:
    """How many files there may be is the same code for all, and tried with one of each kind of transport."""
    many = 1_000 if generation in ("v1", "conat") else 150
    here = tmp_path / "here"
    (here / "many").mkdir(parents=True)
    (here / "none").mkdir()
    (here / "empty").write_bytes(b"")
    (here / "large").write_bytes(os.urandom(1_500_000))
    (here / "latin").write_bytes("é\r\n".encode("latin-1"))
    (here / "run").write_bytes(b"#!/bin/sh\n")
    (here / "run").chmod(0o755)
    for name in ("a b", "日本", "a'b\"c", "$HOME", "-rf", "a\nb"):
        (here / name).write_text(name)
    Path(os.fsdecode(os.fsencode(here) + b"/\xff")).write_bytes(b"\0\xff")
    for number in range(many):
        (here / "many" / f"{number}.txt").write_text(str(number))

    with sandbox(generation) as client:
        known = client.router.projects.all()[0]
        project = known.project_id
        done = client.upload(known.title, here, "files")
        assert (len(done.files), done.left) == (many + 11, ())
        told = client.project_exec(
            project_id=project,
            command="find files -type f -print0 | tr -cd '\\0' | wc -c; cat files/run",
            bash=True,
        )
        assert told["stdout"].split() == [str(many + 11), "#!/bin/sh"]
        assert all(file.unchanged for file in client.upload(project, here, "files").files)

        done = client.download(project, "files", tmp_path / "back")
        assert len(done.files) == many + 11
        assert all(file.unchanged for file in client.download(project, "files", tmp_path / "back").files)
        assert tree(tmp_path / "back") == tree(here)
        assert os.access(tmp_path / "back" / "run", os.X_OK)
        assert client.download(project, "files/large") == (here / "large").read_bytes()
        with pytest.raises(AlreadyThere):
            client.upload(project, here / "empty", "files/run")
        with pytest.raises(InvalidValue):
            client.download(project, "files/nothing", tmp_path)


def test_eighty_megabytes_take_no_memory(tmp_path: Path) -> None:
    program = """
import os, resource, sys
from cocalc_magic import Client

url, key, folder = sys.argv[1:]
with open(f"{folder}/large", "wb") as file:
    for _ in range(80):
        file.write(os.urandom(1_000_000))
with Client(url, key) as client:
    project = client.create_project(title="Large")
    client.upload(project, __file__)  # what is loaded for it is loaded
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    client.upload(project, f"{folder}/large")
    client.download(project, "large", f"{folder}/back")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    script = tmp_path / "program.py"
    script.write_text(program)
    with sandbox("conat") as client:
        words = [sys.executable, str(script), client.server.url, client.key.reveal(), str(tmp_path)]
        told = subprocess.run(words, capture_output=True, text=True, check=True)

    assert int(told.stdout) < 40_000  # kB
    assert (tmp_path / "back").stat().st_size == 80_000_000
