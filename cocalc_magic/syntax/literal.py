"""Parse a body that is a Python literal, such as a printed and pasted dict; nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.syntax.characters import INVISIBLE, ODD_BLANK, invisible
from cocalc_magic.syntax.nodes import Object, Scalar, check_depth
from cocalc_magic.syntax.variables import Placeholders, find, merged
from cocalc_magic.syntax.words import finite

if TYPE_CHECKING:
    from cocalc_magic.syntax.variables import Piece

_SINGLE = r"'''(?:\\.|[^\\])*?'''|'(?:\\.|[^'\\\n])*'"
# Outside of texts; single-quoted ones are one token, since nothing in them is expanded.
_OUTSIDE = re.compile(rf"""{_SINGLE}|\#[^\n]*|\"{{3}}|"|\$|[^'"\#$]+|.""", re.DOTALL)
_INSIDE = {
    '"': re.compile(r"""\\.|"|\$|[^\\"$]+|.""", re.DOTALL),
    '"""': re.compile(r"""\\.|"{3}|"|\$|[^\\"$]+|.""", re.DOTALL),
}
# Texts and comments, and what Python does not know outside of them.
_TOKENS = (
    rf"(?:{_SINGLE}"
    r'|"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*)'
    rf"|(?P<blank>{ODD_BLANK.pattern})|(?P<unseen>{INVISIBLE.pattern})|(?P<variable>{{variable}})"
)


class NotLiteral(ValueError):
    """Raised when a text is not a dict of Python literals."""


def parse(text: str) -> Object:
    """Parse a dict, with its texts as `Scalar`; variables may be values or inside double-quoted texts.

    Raises:
        NotLiteral: The text is not a dict of literals.
        InvalidSyntax: A value is Python but not a literal, such as `UUID('…')`: to YAML it would be a text.
    """
    body = Placeholders(_pieces(text))
    tokens = re.compile(_TOKENS.replace("{variable}", body.pattern.pattern), re.DOTALL)
    source = tokens.sub(lambda match: _as_python(match, body), body.text).strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of backslashes that escape nothing
            tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise NotLiteral from None
    if not isinstance(tree, ast.Dict):
        raise NotLiteral
    return _Literal(source, body).object(tree)


def _pieces(text: str) -> list[Piece]:
    """Replace the variables outside of single quotes and comments by placeholders."""
    pieces: list[Piece] = []
    at, quote = 0, ""
    while match := (_INSIDE[quote] if quote else _OUTSIDE).match(text, at):
        part, variable = match[0], None
        if part == "$":
            variable = find(text, at, text)
        elif part in _INSIDE:
            quote = "" if part == quote else quote or part
        pieces.append(variable or part)
        at += len(variable.source if variable else part)
    return merged(pieces)


def _as_python(match: re.Match[str], body: Placeholders) -> str:
    """Return a token as Python should read it."""
    token = match[0]
    if match["variable"]:
        return f'"{token}"'
    if match["unseen"]:
        raise invisible(token, body.span(match.start(), 1))
    return " " if match["blank"] else token


class _Literal:
    """Builds nodes from the tree of Python's parser."""

    def __init__(self, source: str, body: Placeholders) -> None:
        self.source = source
        self.body = body

    def object(self, tree: ast.Dict, depth: int = 1) -> Object:
        check_depth(depth)
        pairs = zip(tree.keys, tree.values, strict=True)
        return Object([(self._name(key), self._value(value, depth)) for key, value in pairs], python=True)

    def _name(self, key: ast.expr | None) -> Scalar:
        if not isinstance(key, ast.Constant):
            raise NotLiteral
        if type(key.value) is int:
            return Scalar([str(key.value)])
        if not isinstance(key.value, str):
            raise self._refused(key, "is not a name; names are texts")
        return Scalar(self.body.parts(key.value))

    def _value(self, node: ast.expr, depth: int) -> Any:
        if isinstance(node, ast.Dict):
            return self.object(node, depth + 1)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            check_depth(depth + 1)
            return [self._value(item, depth + 1) for item in node.elts]
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            return self._signed(node, node.operand)
        if isinstance(node, ast.Call | ast.JoinedStr):
            raise self._refused(node, "is not a literal")
        raise NotLiteral

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, str):
            return Scalar(self.body.parts(value))
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, float):
            return finite(value)
        raise self._refused(node, "cannot be sent")

    def _signed(self, node: ast.UnaryOp, operand: ast.Constant) -> Any:
        if type(operand.value) not in (int, float) or not isinstance(node.op, ast.USub | ast.UAdd):
            raise NotLiteral
        value = self._constant(operand)
        return -value if isinstance(node.op, ast.USub) else value

    def _refused(self, node: ast.expr, why: str) -> InvalidSyntax:
        written = self.body.restored(ast.get_source_segment(self.source, node) or "")[:40]
        return InvalidSyntax(
            f"{written} {why}.", f"Put a text in quotes; Python of the notebook stands in ${{{written}}}."
        )
