"""What a Jupyter kernel gave, as a notebook shows it; the form is that of notebooks."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cocalc_magic.render.blocks import PICTURES, Block, Frame, Note, Picture, Pre
from cocalc_magic.render.clean import cut
from cocalc_magic.render.embed import frame
from cocalc_magic.render.markdown import markdown_html
from cocalc_magic.render.trees import tree
from cocalc_magic.render.truncate import text_block

OUTPUTS = 50  # of one response
ROOM = 100_000  # characters of text and HTML; the output that goes over it is the last
_TREE = 20_000  # of them for a value as a tree
PICTURE = 2_000_000  # characters of base64, of all pictures together
_WORD = 80


def output_blocks(outputs: list[Any]) -> tuple[Block, ...]:
    """One output below the other: text with its colours, pictures, HTML and Markdown in frames, errors."""
    made: list[Block] = []
    room, pixels = ROOM, PICTURE
    for output in outputs[:OUTPUTS]:
        if room < 0:
            break
        shown = _output(output, pixels)
        if isinstance(shown, Picture):
            pixels -= len(shown.base64)
        room -= _cost(shown)
        made.append(shown)
    if len(outputs) > len(made):
        made.append(Note(f"… {len(outputs) - len(made):,} more outputs, in the response"))
    return tuple(made) or (Note("The code ran and gave no output."),)


def are_outputs(outputs: list[Any]) -> bool:
    """Whether all have the form of a kernel's output: data, an error, or text of a stream."""
    return all(
        isinstance(one, Mapping)
        and ("data" in one or "ename" in one or "traceback" in one or ("text" in one and "name" in one))
        for one in outputs
    )


def _cost(block: Block) -> int:
    match block:
        case Pre():
            return len(block.text) + len(block.tail)
        case Frame():
            return len(block.html) + len(block.text)
        case Picture():
            return 0
        case _:
            return _TREE


def _output(output: Any, room: int) -> Block:
    if not isinstance(output, Mapping):
        return tree(output)
    if isinstance(data := output.get("data"), Mapping):
        return _data(data, room)
    if "ename" in output or "traceback" in output:
        return _error(output)
    if "text" in output:
        warning = output.get("name") == "stderr"
        label, tone = ("stderr", "warning") if warning else ("", "")
        return text_block(_joined(output["text"]), label, tone, "ansi")
    return tree(output)


def _error(output: Mapping[str, Any]) -> Pre:
    lines = output.get("traceback")
    said = f"{_word(output.get('ename'))}: {_word(output.get('evalue'))}"
    text = "\n".join(map(_word, lines)) if isinstance(lines, list) and lines else said
    return text_block(text, tone="error", language="ansi")


def _data(data: Mapping[str, Any], room: int) -> Block:
    """The richest form that can be shown safely, as Jupyter chooses."""
    plain = _joined(data.get("text/plain", ""))
    if isinstance(data.get("text/html"), str | list):
        html = _joined(data["text/html"])
        if shown := _framed(html, plain):
            return shown
    for kind in PICTURES:
        if kind in data and (shown := picture(kind, data[kind], plain, room)):
            return shown
    if "text/markdown" in data:
        text = _joined(data["text/markdown"])
        html = markdown_html(text)
        return Frame(html, text) if html else text_block(text, language="markdown")
    if "text/latex" in data:
        return text_block(_joined(data["text/latex"]), language="latex")
    if plain:
        return text_block(plain, language="ansi")
    return tree(dict(data))


def _framed(html: str, plain: str) -> Block | None:
    """HTML in its frame; ``None`` where nothing of it would be seen, as of a script alone."""
    if len(html) > frame.LIMIT:
        return None
    text = frame.words(html)
    return Frame(html, plain or text) if text or "data:image/" in html or "<svg" in html else None


def picture(kind: str, content: Any, meaning: str, room: int) -> Picture | None:
    """The picture, where its bytes are whole and not too many."""
    text = _joined(content)
    if len(text) > room:
        return None
    if kind == "image/svg+xml":
        encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    else:
        try:
            encoded = base64.b64encode(base64.b64decode("".join(text.split()), validate=True)).decode()
        except (binascii.Error, ValueError):
            return None
    return Picture(kind, encoded, cut(meaning, _WORD)) if encoded and len(encoded) <= room else None


def _joined(text: Any) -> str:
    """Text as notebooks store it: whole, or in a list of lines."""
    return "".join(map(_word, text)) if isinstance(text, list) else _word(text)


def _word(text: Any) -> str:
    return text if isinstance(text, str) else "" if text is None else cut(str(text), 500)
