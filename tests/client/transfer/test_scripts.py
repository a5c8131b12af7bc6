"""What a project prints is read strictly: it may be anybody's."""

from __future__ import annotations

import base64

import pytest

from cocalc_magic.client.transfer import scripts
from cocalc_magic.client.transfer.scripts import PathState, RemoteFile
from cocalc_magic.errors import CoCalcError

HASH = "ab" * 32


def encoded(*paths: str) -> str:
    return base64.b64encode(
        "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
    ).decode()


def printed(**sections: str) -> str:
    return "\n".join(f"@{name}\n{text}" for name, text in sections.items()) + "\n@end\n"


def test_a_listing_is_read_whatever_stands_before_it() -> None:
    text = printed(
        missing=encoded("./no"),
        roots=encoded("./a", "./b/"),
        files=encoded("./a", "./b//\udcff"),
        sizes="3\n0",
        hashes=f"{HASH}\n{HASH}",
        programs=encoded("./a"),
        folders=encoded("./b/"),
        others=encoded("./b/link"),
    )

    found = scripts.listing(f"Welcome to this machine!\n{text}")

    assert found.roots == ("a", "b")
    assert found.missing == ("no",)
    assert found.files == (RemoteFile("a", 3, HASH, program=True), RemoteFile("b/\udcff", 0, HASH))
    assert (found.folders, found.others) == (("b",), ("b/link",))


GOOD = {"roots": encoded("./a"), "files": encoded("./a"), "sizes": "3", "hashes": HASH}


@pytest.mark.parametrize(
    "wrong",
    [
        {"sizes": "3\n4"},
        {"hashes": ""},
        {"sizes": "-3"},
        {"sizes": "3e9"},
        {"sizes": "9" * 40},
        {"sizes": "٣"},
        {"hashes": "x" * 64},
        {"hashes": HASH[:-1]},
        {"files": "not base64!"},
        {"files": base64.b64encode(b"./a").decode()},  # no end
        {"files": encoded("./a", "./b")},
    ],
)
def test_a_listing_of_another_form_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(CoCalcError):
        scripts.listing(printed(**{**GOOD, **wrong}))


@pytest.mark.parametrize("text", ["", "@files\n", "<html>", "@end"[:-1]])
def test_what_breaks_off_is_no_listing(text: str) -> None:
    with pytest.raises(CoCalcError, match="did not answer as its programs do"):
        scripts.listing(text)


def test_content_is_base64_and_nothing_else() -> None:
    assert scripts.content("AAEC\n/w==\n") == b"\0\1\2\xff"
    for text in ("AAE", "hello!", "AAEC\0"):
        with pytest.raises(CoCalcError):
            scripts.content(text)


def test_what_stands_at_paths_is_read() -> None:
    text = printed(looks="nothing\nfile\nfolder\nblocked\nother", sizes="3", hashes=HASH)

    assert scripts.looks(text) == [
        PathState("nothing"), PathState("file", 3, HASH), PathState("folder"), PathState("blocked"), PathState("other")
    ]  # fmt: skip
    for wrong in ("looks", "file\nfile", "strange"):
        with pytest.raises(CoCalcError):
            scripts.looks(printed(looks=wrong, sizes="3", hashes=HASH))


def test_what_has_arrived_is_read() -> None:
    assert scripts.checked(printed(numbers="0\n10", sizes="3\n4", hashes=f"{HASH}\n{HASH}")) == {
        0: (3, HASH),
        10: (4, HASH),
    }
    with pytest.raises(CoCalcError):
        scripts.checked(printed(numbers="x", sizes="3", hashes=HASH))
