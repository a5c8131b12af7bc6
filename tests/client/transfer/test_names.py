"""Paths in a project, words of bash, and names that files of this machine can have."""

from __future__ import annotations

import os
import subprocess

import pytest

from cocalc_magic.client.transfer.names import folded, in_project, parts_below, quoted, trouble
from cocalc_magic.errors import CoCalcError, InvalidValue

ODD = [
    *("a b", "ü", "日本", "a'b", 'a"b', "$HOME", "`id`", "a\\b", "a\nb", "-rf", "*", "a;b", "#a", "~", "!x"),
    *("\udcff\udcfe", "\x01", "\t", "a\\", "é", "🦉", "$'x'", "%s", "..."),
]


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        (".", "."),
        ("./", "."),
        ("~", "."),
        ("~/", "."),
        ("~/a", "a"),
        ("a/", "a"),
        ("a//b/./c", "a/b/c"),
        ("a/../b", "b"),
        ("..a/.b", "..a/.b"),
        ("~a", "~a"),
    ],
)
def test_a_path_begins_at_the_home_folder(path: str, inside: str) -> None:
    assert in_project(path) == inside


@pytest.mark.parametrize(
    "path", ["", "..", "../x", "a/../../x", "/etc/passwd", "//x", "~/../x", "a\0b", "~/"[:0]]
)
def test_what_leads_out_of_a_project_is_refused(path: str) -> None:
    with pytest.raises(InvalidValue, match="is not a path in a project"):
        in_project(path)


@pytest.mark.parametrize("name", ODD)
def test_bash_reads_a_quoted_path_as_it_is(name: str) -> None:
    word = quoted(name)

    assert word.isascii()
    assert word.isprintable()
    done = subprocess.run(["/bin/bash", "-c", f"printf %s {word}"], capture_output=True, check=True)
    assert done.stdout == b"./" + name.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("path", "root", "names"),
    [("a/b/c", "a", ("b", "c")), ("a", "a", ()), ("a/b", ".", ("a", "b")), (".", ".", ())],
)
def test_the_names_below_a_root(path: str, root: str, names: tuple[str, ...]) -> None:
    assert parts_below(path, root) == names


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("a/../b", "a"),
        ("../x", "."),
        ("/etc/passwd", "."),
        ("a//b", "a"),
        ("ab/c", "a"),
        ("b", "a"),
        ("a/.", "a"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str, root: str) -> None:
    with pytest.raises(CoCalcError, match="leads elsewhere"):
        parts_below(path, root)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "con",
            "CON",
            "con.txt",
            "NUL.tar.gz",
            "com1",
            "LPT9.x",
            "com¹",
            "a:b",
            "a?",
            "a*",
            "a<b",
            'a"b',
            "a|b",
        ),
        *("a\\b", "a.", "a ", "a\nb", "\x01", "\udcff"),
    ],
)
def test_windows_has_no_such_names(name: str) -> None:
    assert trouble(name, windows=True)
    assert not trouble(name, windows=False)


@pytest.mark.parametrize(
    "name", ["a", ".a", "a.b", "console", "com", "com10", "ü", "a b", "nul_", "🦉", "a..b"]
)
def test_and_these_are_good_everywhere(name: str) -> None:
    assert not trouble(name, windows=True)


def test_a_name_that_is_too_long_is_told() -> None:
    assert trouble("é" * 128, windows=False) == "it is too long"
    assert not trouble("é" * 127, windows=True)


def test_names_that_differ_in_letters_alone_are_one_elsewhere() -> None:
    assert folded(("A", "É.TXT")) == folded(("a", "e\u0301.txt"))
    assert os.sep not in "".join(folded(("a", "b")))
