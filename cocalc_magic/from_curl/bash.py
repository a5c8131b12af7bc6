"""Commands of bash, zsh and sh, read with the grammar of tree-sitter.

Its grammar for bash is the one that editors use, is under MIT's licence and has wheels for every system; the
other reader of bash for Python, bashlex, is under the GPL and reads no here-documents beside a pipe. The tree
has words as they are written: what quotes, backslashes and variables mean is told here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic.errors import PackageMissing
from cocalc_magic.from_curl.bash_words import IN_DOCUMENT, Words, unreadable
from cocalc_magic.from_curl.commands import Script, Stdin, output_of, program, refused, runs_curl
from cocalc_magic.from_curl.references import Reference

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

    from cocalc_magic.from_curl.references import References

_DECIDES = {
    "for_statement": "a for loop",
    "c_style_for_statement": "a for loop",
    "while_statement": "a while loop",
    "if_statement": "an if",
    "case_statement": "a case",
    "function_definition": "a function",
}
_TRANSPARENT = frozenset({"program", "list", "compound_statement", "subshell", "negated_command"})
_NOTHING = frozenset({"comment", "test_command", "unset_command", "heredoc_body", "heredoc_end"})
_MEANS_NOTHING = re.compile(r"[^\n\t -~]")
_JQ_PATH = re.compile(r"\.[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@cache
def _parser() -> Parser:
    """Return the parser, loaded when it is first needed."""
    try:
        import tree_sitter_bash  # late: nothing else needs a grammar
        from tree_sitter import Language, Parser

        return Parser(Language(tree_sitter_bash.language()))
    except ImportError as missing:
        raise PackageMissing(f"from-curl needs tree-sitter-bash: {missing}.") from None


def _tree(text: str) -> Tree:
    """Return the tree of a text, with places in characters.

    All that means nothing to a shell is a letter to the parser: its scanner looks characters up in C's tables
    of 256, and reads far outside of them for some others. Blanks of web pages part words, as was meant.
    """
    letters = _MEANS_NOTHING.sub(lambda sign: " " if sign[0].isspace() else "x", text)
    return _parser().parse(letters.encode("ascii"))


def complete(text: str) -> bool:
    """Return whether the text ends where a command may end: no quote, here-document or line goes on."""
    if re.search(r"(?<!\\)(?:\\\\)*\\\n?\Z", text):
        return False
    return not _tree(text).root_node.has_error and not re.search(r"<<-?\s*\S+[^\n]*\Z", text)


def read(text: str, references: References) -> Script:
    """Return the curl commands of a text.

    Raises:
        InvalidSyntax: For what is not a text of the shell, and for curl inside of loops and conditions.
    """
    reader = _Reader(text, references)
    reader.statement(_tree(text).root_node)
    return reader.script


class _Reader:
    """Walks the tree of one text, with the variables that it has set so far."""

    def __init__(self, text: str, references: References) -> None:
        self.references = references
        self.script = Script()
        self.words = Words(text, references, self._substitution)

    # -- statements --------------------------------------------------------------------------------

    def statement(self, node: Node) -> None:
        """Process one statement."""
        if node.type in ("ERROR",) or node.is_missing:
            raise unreadable(node)
        if node.type in _TRANSPARENT:
            self._statements(node)
        elif node.type in _DECIDES:
            self._left(node, _DECIDES[node.type])
        elif node.type in ("command", "pipeline", "redirected_statement"):
            self._pipeline(node)
        elif node.type == "variable_assignment":
            self._assign(node)
        elif node.type in ("declaration_command", "variable_assignments"):
            for child in node.named_children:
                if child.type == "variable_assignment":
                    self._assign(child)
        elif node.type not in _NOTHING:
            self._left(node, self.words.text(node)[:20])

    def _statements(self, node: Node) -> None:
        for child in node.children:
            if child.is_named:
                self.statement(child)
            elif child.type == "&":
                self.script.leave("&")

    def _left(self, node: Node, name: str) -> None:
        """Leave out a construct, unless it contains curl."""
        if re.search(r"\bcurl\b", self.words.text(node)):
            raise refused(name)
        self.script.leave(name)

    def _assign(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or name.type != "variable_name":
            self.script.leave(self.words.text(node).partition("=")[0][:20])
            return
        self.words.variables[self.words.text(name)] = (
            self._value(value, self.words.text(name)) if value else ""
        )

    def _value(self, node: Node, name: str) -> str:
        """Return the value of an assignment; the output of a curl command is the response under that name."""
        inner = node.named_children
        if (
            node.type == "string"
            and len(inner) == 1
            and self.words.text(node) == f'"{self.words.text(inner[0])}"'
        ):
            node = inner[0]
        return (
            self._substitution(node, name) if node.type == "command_substitution" else self.words.word(node)
        )

    # -- pipelines ---------------------------------------------------------------------------------

    def _pipeline(self, node: Node) -> list[list[str]]:
        """Process a pipeline, and return the words of the commands after its curl."""
        stages = []
        for command, redirects in self._commands(node):
            if command.type == "command":
                stages.append((self._words(command), self._redirected([*redirects, *_redirects(command)])))
            else:
                self._redirected(redirects)
                self.statement(command)
        curl = next((at for at, (words, _) in enumerate(stages) if runs_curl(words)), None)
        if curl is None:
            for words, _ in stages:
                self.script.add(words)
            return []
        stdin = None
        for words, redirected in stages[:curl]:
            stdin = output_of(words, redirected or stdin)
        self.script.add(stages[curl][0], stages[curl][1] or stdin)
        after = [words for words, _ in stages[curl + 1 :]]
        for words in after:
            self.script.leave(f"| {program(words)}")
        return after

    def _commands(self, node: Node) -> list[tuple[Node, list[Node]]]:
        """Return the commands of a pipeline in order, each with the redirections around it."""
        if node.type == "pipeline":
            return [pair for child in node.named_children for pair in self._commands(child)]
        if node.type == "list":  # with a redirection behind it, which is its last command's
            for child in node.named_children[:-1]:
                self.statement(child)
            return self._commands(node.named_children[-1])
        if node.type != "redirected_statement":
            return [(node, [])]
        body = node.child_by_field_name("body")
        commands = self._commands(body) if body else []
        if commands:
            last, redirects = commands.pop()
            commands.append((last, [*redirects, *_redirects(node)]))
        behind = [
            inner for child in _redirects(node) for inner in child.named_children if inner.type == "pipeline"
        ]
        return [*commands, *(pair for inner in behind for pair in self._commands(inner))]

    def _words(self, node: Node) -> list[str]:
        """Return the words of a command; the grammar splits words before a backtick, which are joined."""
        words, end = list[str](), -1
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._assign(child)
            elif not child.type.endswith("_redirect"):
                word = self.words.word(child)
                if child.start_byte == end:
                    words[-1] += word
                else:
                    words.append(word)
                end = child.end_byte
        return words

    def _redirected(self, redirects: list[Node]) -> Stdin | None:
        """Return the input that redirections give; those of the output are left aside."""
        stdin = None
        for node in redirects:
            if node.type == "heredoc_redirect":
                stdin = Stdin(self._heredoc(node))
            elif node.type == "herestring_redirect":
                stdin = Stdin(self.words.word(node.named_children[-1]) + "\n")
            elif any(child.type == "<" for child in node.children):
                stdin = Stdin(file=self.words.word(node.named_children[-1]))
            else:
                self.script.leave(self.references.restored(self.words.text(node)))
        return stdin

    def _heredoc(self, node: Node) -> str:
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        start = next((self.words.text(child) for child in node.children if child.type == "heredoc_start"), "")
        if body is None:
            return ""
        expands = not re.search(r"[\"'\\]", start)
        text = self.words.expanded(body, IN_DOCUMENT) if expands else self.words.text(body)
        strips = any(child.type == "<<-" for child in node.children)
        return re.sub(r"(?m)^\t+", "", text) if strips else text

    def _response(self, node: Node, source: str, into: str) -> str:
        """Return the response of a curl command, or the part of it that `jq` takes."""
        number = len(self.script.curls)
        filters = self._pipeline(node)
        part = _part(filters)
        name = into if into and part is not None else f"response_{number + 1}"
        for curl in self.script.curls[number:]:
            curl.into = name
        if part is None:
            return self.references.token(Reference(source, into or f"output_{number + 1}", required=True))
        return self.references.token(Reference(source, f"{name}{part}"))

    def _substitution(self, node: Node, into: str = "") -> str:
        """Return the output of a command: curl's response, the text of `echo` and `cat`, else a token."""
        inner = node.named_children
        source = self.words.text(node)
        if len(inner) == 1 and re.search(r"\bcurl\b", self.words.text(node)):
            return self._response(inner[0], source, into)
        if len(inner) == 1 and inner[0].type == "command":
            known = output_of(self._words(inner[0]), None)
            if known.text is not None:
                return known.text.rstrip("\n")
            if known.file:
                return self.references.token(
                    Reference(source, f"open({known.file!r}).read().rstrip()", file=known.file)
                )
        return self.references.output(source)


def _redirects(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type.endswith("_redirect")]


def _part(filters: list[list[str]]) -> str | None:
    """Return the subscripts for a `jq` after curl; `None` for anything else."""
    if not filters:
        return ""
    paths = [word for word in filters[0][1:] if not word.startswith("-")]
    if len(filters) > 1 or program(filters[0]) != "jq" or len(paths) > 1:
        return None
    if not paths or paths == ["."]:
        return ""
    if not _JQ_PATH.fullmatch(paths[0]):
        return None
    return "".join(f'["{name}"]' for name in paths[0][1:].split("."))
