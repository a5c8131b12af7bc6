"""Local files as values: they travel as they are, and what is not text is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

if TYPE_CHECKING:
    from pathlib import Path


def title(line: str, **names: object) -> object:
    return read(parse(f"create_project title={line}"), None, names).options["title"]


@pytest.mark.parametrize(
    "text",
    ["a\r\nb\r\n", "a\rb", "a\nb", "\r\n\r\r\n", "a\x0bb\x0cc\x1cd\x85e\u2028f", "\ufeffa", " a ", "", "$n ${n} $$", "\x00\x1b[0m"],
)  # fmt: skip
def test_every_character_of_a_file_arrives(tmp_path: Path, text: str) -> None:
    path = tmp_path / "f.txt"
    path.write_bytes(text.encode())

    assert title(f"@{path}") == text
    assert title(f"@{path}:utf-8") == text
    args = f"project_exec project_id=3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833 command=x args[]=@{path}"
    assert read(parse(args), None, {}).options["args"] == [text]


@pytest.mark.parametrize(
    "encoding", ["latin-1", "ISO-8859-1", "cp1252", "utf-16", "utf_16_le", "utf-8-sig", "UTF8"]
)
def test_an_encoding_stands_behind_the_name(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "f.txt"
    path.write_bytes("žluť\r\n".replace("ž", "ÿ").replace("ť", "ô").encode(encoding))

    assert title(f"@{path}:{encoding}") == "ÿluô\r\n"
    assert title("@$path", path=f"{path}:{encoding}") == "ÿluô\r\n"


def test_a_file_whose_name_has_a_colon_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a:latin-1").write_text("whole", encoding="utf-8")
    (tmp_path / "a").write_text("part", encoding="utf-8")
    (tmp_path / "b:1").write_text("b", encoding="utf-8")

    assert title(f"@{tmp_path}/a:latin-1") == "whole"
    assert title(f"@{tmp_path}/b:1") == "b"


def test_json_of_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "q.json"
    path.write_bytes(b'\xef\xbb\xbf{"t": ["$n", 1.5]}\r\n')

    assert read(parse(f"query query:=@{path}"), None, {}).options["query"] == {"t": ["$n", 1.5]}


def test_json_of_a_file_is_json(tmp_path: Path) -> None:
    for text in ('{"t": None}', "{'t': null}", '{"t": NaN}', '{"t": 1, "t": 2}', "", "[" * 5_000):
        (tmp_path / "q.json").write_text(text, encoding="utf-8")
        with pytest.raises(CoCalcError, match=r"is not JSON|stands twice|nested too deep"):
            read(parse(f"query query:=@{tmp_path}/q.json"), None, {})


def test_what_is_not_text_says_how_it_can_be_sent(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")

    with pytest.raises(CoCalcError) as caught:
        title(f"@{path}")

    assert caught.value.problem == f"{path} is not UTF-8 text."
    assert f"title=@{path}:latin-1" in str(caught.value)
    assert f"%cocalc upload {path}" in str(caught.value)
    assert title(f"@{path}:latin-1") == "\x89PNG\r\n\x1a\n\x00\xff"
    with pytest.raises(CoCalcError, match="is not ascii text"):
        title(f"@{path}:ascii")


@pytest.mark.parametrize("encoding", ["latin-x", "hex", "rot13", "base64", "a.b"])
def test_an_encoding_that_does_not_exist_is_told(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "f.txt").write_text("a", encoding="utf-8")

    with pytest.raises(CoCalcError, match=f"there is no encoding '{encoding}'"):
        title(f"@{tmp_path}/f.txt:{encoding}")


@pytest.mark.parametrize("name", ["none.txt", "none.txt:latin-1", "no\x00ne", "x" * 5_000])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(CoCalcError, match="can't be read"):
        title("@$path", path=f"{tmp_path}/{name}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(CoCalcError, match="is not a file"):
        title(f"@{tmp_path}/pipe")
    with pytest.raises(CoCalcError, match="is not a file"):
        title("@/dev/zero")
    with pytest.raises(CoCalcError, match="is a folder"):
        title(f"@{tmp_path}")


def test_a_file_beyond_what_any_server_takes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(10**12)

    with pytest.raises(CoCalcError, match="is larger than 200 MB"):
        title(f"@{tmp_path}/huge")
