"""Outputs of a Jupyter kernel, in the format of notebooks, as a notebook shows them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cocalc_magic.render.blocks import PICTURES, Block, Frame, Note, Picture, Pre
from cocalc_magic.render.embed import MAX_HTML, html_text
from cocalc_magic.render.humanize import MAX_WORD
from cocalc_magic.render.markdown import markdown_html
from cocalc_magic.render.trees import tree
from cocalc_magic.render.truncate import text_block
from cocalc_magic.sanitize import cut

MAX_OUTPUTS = 50  # of one response
MAX_TEXT = 100_000  # characters of text and HTML; the output that exceeds it is the last
_TREE_COST = 20_000  # characters that a tree counts as
MAX_PICTURE = 2_000_000  # characters of base64, of all pictures together


def output_blocks(outputs: list[Any]) -> tuple[Block, ...]:
    """Return one block per output: text with its colours, pictures, HTML and Markdown in frames, errors."""
    blocks: list[Block] = []
    text_left, picture_left = MAX_TEXT, MAX_PICTURE
    for output in outputs[:MAX_OUTPUTS]:
        if text_left < 0:
            break
        block = _output(output, picture_left)
        if isinstance(block, Picture):
            picture_left -= len(block.base64)
        text_left -= _cost(block)
        blocks.append(block)
    if len(outputs) > len(blocks):
        blocks.append(Note(f"… {len(outputs) - len(blocks):,} more outputs, in the response"))
    return tuple(blocks) or (Note("The code ran and gave no output."),)


def are_outputs(outputs: list[Any]) -> bool:
    """Return whether all have the form of a kernel's output: data, an error, or text of a stream."""
    return all(
        isinstance(output, Mapping)
        and (
            not output.keys().isdisjoint(("data", "ename", "traceback")) or {"text", "name"} <= output.keys()
        )
        for output in outputs
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
            return _TREE_COST


def _output(output: Any, max_size: int) -> Block:
    if not isinstance(output, Mapping):
        return tree(output)
    if isinstance(data := output.get("data"), Mapping):
        return _data(data, max_size)
    if "ename" in output or "traceback" in output:
        return _error(output)
    if "text" in output:
        warning = output.get("name") == "stderr"
        label, tone = ("stderr", "warning") if warning else ("", "")
        return text_block(_joined(output["text"]), label, tone, "ansi")
    return tree(output)


def _error(output: Mapping[str, Any]) -> Pre:
    lines = output.get("traceback")
    summary = f"{_word(output.get('ename'))}: {_word(output.get('evalue'))}"
    text = "\n".join(map(_word, lines)) if isinstance(lines, list) and lines else summary
    return text_block(text, tone="error", language="ansi")


def _data(data: Mapping[str, Any], max_size: int) -> Block:
    """Return the richest form that can be shown safely, in the order that Jupyter prefers."""
    plain = _joined(data.get("text/plain", ""))
    if isinstance(data.get("text/html"), str | list):
        html = _joined(data["text/html"])
        if block := _framed(html, plain):
            return block
    for kind in PICTURES:
        if kind in data and (block := picture(kind, data[kind], plain, max_size)):
            return block
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
    """Return HTML in a frame; `None` if nothing of it would be seen, as of a mere script."""
    if len(html) > MAX_HTML:
        return None
    text = html_text(html)
    return Frame(html, plain or text) if text or "data:image/" in html or "<svg" in html else None


def picture(kind: str, content: Any, meaning: str, max_size: int) -> Picture | None:
    """Return the picture, if its base64 is valid and not too long."""
    text = _joined(content)
    if len(text) > max_size:
        return None
    if kind == "image/svg+xml":
        encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    else:
        try:
            encoded = base64.b64encode(base64.b64decode("".join(text.split()), validate=True)).decode()
        except (binascii.Error, ValueError):
            return None
    return Picture(kind, encoded, cut(meaning, MAX_WORD)) if encoded and len(encoded) <= max_size else None


def _joined(text: Any) -> str:
    """Return text that notebooks store whole or as a list of lines."""
    return "".join(map(_word, text)) if isinstance(text, list) else _word(text)


def _word(text: Any) -> str:
    return text if isinstance(text, str) else "" if text is None else cut(str(text), 500)
