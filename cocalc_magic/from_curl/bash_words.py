"""Words of bash: what quotes, backslashes and variables in them mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.from_curl.commands import refused
from cocalc_magic.from_curl.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from cocalc_magic.from_curl.references import References

_ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_ANSI_C = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.)|(.))", re.DOTALL
)
_BRACES = re.compile(r"(?<!\$)\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}")
IN_QUOTES = r"[\\$`\"\n]"  # what a backslash takes literally in double quotes
IN_DOCUMENT = r"[\\$`\n]"  # and in a here-document
LONGEST_WORD = 2_000_000  # characters


class Words:
    """Evaluates the words of one text, with the variables that it has set so far.

    Args:
        source: The text that the nodes have places in.
        references: Takes what only the shell knows.
        substitution: Gives the output of `$(…)`.
    """

    def __init__(self, source: str, references: References, substitution: Callable[[Node], str]) -> None:
        self.source = source
        self.references = references
        self.variables: dict[str, str] = {}
        self._of: dict[str, Callable[[Node], str]] = {
            "word": lambda node: re.sub(r"\\(.)", _unescaped, self.text(node), flags=re.DOTALL),
            "raw_string": lambda node: self.text(node)[1:-1],
            "ansi_c_string": lambda node: _ansi_c(self.text(node)[2:-1]),
            "string": self._string,
            "translated_string": lambda node: self._string(node.children[-1]),
            "concatenation": self._concatenation,
            "simple_expansion": lambda node: self._named(self.text(node)[1:]),
            "expansion": self._expansion,
            "command_substitution": substitution,
            "command_name": lambda node: self.word(node.children[0]),
            "arithmetic_expansion": lambda node: references.output(self.text(node)),
        }

    def text(self, node: Node) -> str:
        """Return a node as it is written."""
        return self.source[node.start_byte : node.end_byte]

    def word(self, node: Node) -> str:
        """Expand a word as the shell does, with tokens for what only the shell knows.

        Raises:
            InvalidSyntax: For what does not close, and for words that bash makes several of.
        """
        if node.type == "ERROR" or node.is_missing:
            raise unreadable(node)
        if node.type == "process_substitution":
            raise refused("<(…)")
        word = self._of[node.type](node) if node.type in self._of else self.text(node)
        if len(word) > LONGEST_WORD:  # variables of variables double with each line
            raise InvalidSyntax(
                f"a word has more than {LONGEST_WORD:,} characters once its variables are known."
            )
        return word

    def expanded(self, node: Node, escapable: str) -> str:
        """Return the text of a node with its expansions; a backslash makes what is `escapable` plain."""
        parts, at = [], node.start_byte

        def plain(end: int) -> str:
            text = self.source[at:end]
            return re.sub(rf"\\({escapable})|(?P<run>`[^`]*`)", self._plain, text)

        for child in node.named_children:
            if child.type in self._of:
                parts += [plain(child.start_byte), self.word(child)]
                at = child.end_byte
        return "".join([*parts, plain(node.end_byte)])

    def _plain(self, match: re.Match[str]) -> str:
        """Return a character after a backslash, or a command in backticks: the grammar has both as text."""
        return self.references.output(match["run"]) if match["run"] else _unescaped(match)

    def _string(self, node: Node) -> str:
        return self.expanded(node, IN_QUOTES)[1:-1]

    def _concatenation(self, node: Node) -> str:
        unquoted = "".join(
            self.text(child) if child.type in ("word", "number") else "q" for child in node.named_children
        )
        if _BRACES.search(unquoted):
            raise refused("{…,…}")
        return "".join(self.word(child) for child in node.named_children)

    def _expansion(self, node: Node) -> str:
        """Expand `${NAME}` and `${NAME:-value}`; all else in braces only the shell knows."""
        name = next((self.text(child) for child in node.named_children if child.type == "variable_name"), "")
        operator = node.child_by_field_name("operator")
        if operator is None and self.text(node) == f"${{{name}}}":
            return self._named(name)
        if operator is not None and self.text(operator) in (":-", "-") and not self.variables.get(name):
            return self.word(node.named_children[-1]) if len(node.named_children) > 1 else ""
        return self.references.token(Reference(self.text(node), name or "value", required=True))

    def _named(self, name: str) -> str:
        known = self.variables.get(name)
        return self.references.variable(name) if known is None else known


def unreadable(node: Node) -> InvalidSyntax:
    """Return the error for a place where the grammar ends."""
    return InvalidSyntax(
        f"line {node.start_point[0] + 1} is not a command of a shell, or does not close.",
        "Is a quote or a bracket missing?",
    )


def _unescaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def _ansi_c(text: str) -> str:
    """Return the text of `$'…'`; bytes that are written one by one make characters together."""
    escaped = _ANSI_C.sub(_escaped, text)
    return escaped.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _escaped(match: re.Match[str]) -> str:
    hexadecimal, short, long, octal, control, other = match.groups()
    if short or long:
        code = min(int(short or long, 16), 0x10FFFF)
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
    if hexadecimal or octal:
        byte = int(hexadecimal, 16) if hexadecimal else int(octal, 8) & 0xFF
        return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)
    if control:
        return chr(ord(control) & 0x1F)
    return _ESCAPES.get(other, other if other in "\\'\"?" else f"\\{other}")
