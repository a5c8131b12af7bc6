"""Uploads, downloads and what kernels print come from a recording as from a server of any age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic.errors import NotRecorded
from tests.cassette.lines import lines_of
from tests.client.test_generations import sandbox

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("generation", ["v1", "v2", "conat"])
def test_files_go_and_come_without_a_server(tmp_path: Path, generation: str) -> None:
    """Small ones by commands, large ones by HTTP where the server has that."""
    source, path = tmp_path / "source", tmp_path / "demo.jsonl"
    (source / "folder").mkdir(parents=True)
    (source / "small.txt").write_text("small\n")
    (source / "folder" / "large.bin").write_bytes(bytes(range(256)) * 6_000)

    def there_and_back(client: Client, project: str, back: Path) -> None:
        uploaded = client.upload(project, source, "data")
        assert len(uploaded.files) == 2
        assert client.upload(project, source, "data").files[0].unchanged
        client.download(project, "data", back / "all")
        assert (back / "all/small.txt").read_text() == "small\n"
        assert client.download(project, "data/folder/large.bin") == bytes(range(256)) * 6_000

    with sandbox(generation) as client, client.recording(path):
        project = str(client.create_project(title="files")["project_id"])
        there_and_back(client, project, tmp_path / "first")

    with Client.of_recording(path) as client:
        there_and_back(client, project, tmp_path / "second")
        (source / "small.txt").write_text("changed\n")
        with pytest.raises(NotRecorded):
            client.upload(project, source / "small.txt", "other.txt")
    by_http = {line["event"] for line in lines_of(path)} & {"upload", "download"}
    assert by_http == ({"upload", "download"} if generation != "v1" else by_http)
    assert path.stat().st_size < 8_000_000


def test_pictures_of_a_kernel_and_long_output_come_back(tmp_path: Path) -> None:
    path = tmp_path / "demo.jsonl"
    code = "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))\nprint('x' * 2_000_000)"
    with sandbox("v1") as client, client.recording(path):
        project = client.create_project(title="kernels")["project_id"]
        options = {"project_id": project, "kernel": "python3", "input": code, "id": "i"}
        real = client.jupyter_execute(**options)

    with Client.of_recording(path) as client:
        assert client.jupyter_execute(**options).value == real.value
