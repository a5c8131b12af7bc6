"""What a document for a frame may hold."""

from __future__ import annotations

import re

from cocalc_magic.render.embed import RawText, Tag, frame_document, parse

HEAD = frame_document("")
LEADING = {
    "href",
    "xlink:href",
    "srcset",
    "srcdoc",
    "action",
    "formaction",
    "ping",
    "target",
    "background",
    "poster",
}


FETCHES = re.compile(r"url\s*\((?!['\"]?#)|image-set", re.IGNORECASE)
OPENS = re.compile(r"<(?![a-z/])|<[^>]*\Z", re.IGNORECASE)


def assert_boxed(document: str) -> None:
    """The document begins with its policy, and nothing in it runs, loads or leads away."""
    assert document.startswith(HEAD)
    body = document[len(HEAD) :]
    assert not OPENS.search(body)
    assert "sk-0123456789abcdefghij" not in body
    assert "\u202e" not in body
    for part in parse(body):
        if isinstance(part, RawText):
            assert part.inside == "style"
            assert not set(part.text) & set("<\\@")
            assert not FETCHES.search(part.text)
        elif isinstance(part, Tag):
            _assert_harmless(part)


def _assert_harmless(tag: Tag) -> None:
    assert tag.name not in {"script", "link", "meta", "base", "iframe", "object", "embed", "frame"}
    for name, value in tag.attributes:
        assert not name.startswith("on")
        assert name not in LEADING
        assert not FETCHES.search(value)
        assert name != "src" or re.match(r"data:image/[a-z+]+;base64,", value)
