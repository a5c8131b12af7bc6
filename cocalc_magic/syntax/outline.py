"""The messages in the cells of a notebook or a script, read without running anything.

A value of the notebook stands for itself, as `$name`: nothing is evaluated, and no file that a cell names is
opened.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.errors import CoCalcError, InvalidMessage, InvalidSyntax
from cocalc_magic.syntax import body as bodies
from cocalc_magic.syntax import line as lines
from cocalc_magic.syntax.evaluate import Evaluator
from cocalc_magic.syntax.nodes import Object, Scalar
from cocalc_magic.syntax.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.syntax.line import Item
    from cocalc_magic.syntax.variables import Piece

_CELL = re.compile(r"(?:\s*#[^\n]*\n|\s*\n)*%%cocalc\b(?P<line>[^\n]*)\n?(?P<body>.*)", re.DOTALL)
_LINE = re.compile(r"(?P<indent>\s*)(?:[^\W\d][\w.,\s*\[\]'\"]*=\s*)?%cocalc\b(?P<line>.*)")
_OTHER = re.compile(r"(?P<indent>\s*)(?:[^\W\d]\w*\s*=\s*)?[%!].*")  # magics and commands of the shell
_TRANSFERS = ("upload", "download")


@dataclass(frozen=True)
class Usage:
    """What a cell asks for: an event or a command, its options, and the words of a command."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def code_cells(text: str, name: str = "the file") -> list[str]:
    """Return the code of a notebook, cell by cell, or that of a script.

    Raises:
        CoCalcError: It is neither.
    """
    if not text.lstrip().startswith("{"):
        return [text]
    try:
        cells = json.loads(text)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise CoCalcError(f"{name} is neither a notebook nor a script.") from None


def read(cells: list[str]) -> Iterator[Usage]:
    """Yield what the cells ask for, in their order; what can't be read is left out, as it can't be sent."""
    clients: set[str] = set()
    for cell in cells:
        if match := _CELL.fullmatch(cell):
            yield from _of_line(match["line"], match["body"])
        elif not cell.lstrip().startswith("%%"):
            yield from _of_python(cell, clients)


def _of_python(cell: str, clients: set[str]) -> Iterator[Usage]:
    """Yield the magics of a Python cell, then the calls of clients in it."""
    code = []
    for line in re.sub(r"\\\r?\n", " ", cell).splitlines():
        if match := _LINE.fullmatch(line):
            yield from _of_line(match["line"], None)
        if other := match or _OTHER.fullmatch(line):
            line = f"{other['indent']}pass"
        code.append(line)
    try:
        tree = ast.parse("\n".join(code))
    except (SyntaxError, ValueError, RecursionError):
        return
    clients |= {name for node in ast.walk(tree) for name in _clients_of(node)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if isinstance(call.func, ast.Attribute):
            yield from _of_call(call, call.func, clients)


def _of_line(line: str, body: str | None) -> Iterator[Usage]:
    """Yield what a line, with the body of its cell, asks for."""
    try:
        parsed = lines.parse(line)
        words = _words(line) if not parsed.items else ()
        options = _of_body(parsed, body) if body and body.strip() else {}
    except InvalidSyntax:  # as where a word of a command is quoted
        words, options, parsed = _words(line), {}, None
    name = parsed.event if parsed else "".join(words[:1])
    if name in ("", "event"):
        name = str(options.pop("event", ""))
    message = catalog.get(name)
    if parsed is None and message:
        return
    if parsed and message:
        for item in parsed.items:
            options[item.name] = _of_item(message, item, options.get(item.name), body or "")
    if name:
        yield Usage(name, options, words[1:])


def _words(line: str) -> tuple[str, ...]:
    try:
        return tuple(_text(word) for word in lines.split_words(line))
    except InvalidSyntax:
        return tuple(line.split())


def _of_item(message: catalog.Message, item: Item, before: Any, body: str) -> Any:
    if item.source != "text":
        return body if item.source == "body" else _text(item.parts)
    text = _text(item.parts)
    try:
        value = Evaluator({}).item(message.option(item.name), replace(item, parts=[text]))
    except InvalidMessage:
        value = text
    return [*(before or []), value] if item.sign.startswith("[]") else value


def _of_body(line: lines.Line, body: str) -> dict[str, Any]:
    """Return the options in a body that is a mapping; a body that is one text has none."""
    if any(item.source == "body" for item in line.items):
        return {}
    node = bodies.parse(body)
    value = _plain(node) if isinstance(node, Object) else {}
    return value if isinstance(value, dict) else {}


def _plain(node: Any) -> Any:
    """Return the value of a node, with variables as they are written."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, Object):
        return {_text(name.parts): _plain(value) for name, value in node.pairs}
    if not isinstance(node, Scalar):
        return node
    text = _text(node.parts)
    if any(isinstance(part, Variable) for part in node.parts):
        return text
    try:
        return Evaluator({}).plain(replace(node, parts=[text] if text else []))
    except InvalidMessage:
        return text


def _text(parts: list[Piece]) -> str:
    sources = (part if isinstance(part, str) else part.source for part in parts)
    return "".join("$" if source == "$$" else source for source in sources)


# -- Python ----------------------------------------------------------------------------------------


def _clients_of(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement gives to a client."""
    pairs: list[tuple[ast.AST | None, ast.AST]] = []
    if isinstance(node, ast.Assign):
        pairs = [(target, node.value) for target in node.targets]
    elif isinstance(node, ast.With | ast.AsyncWith):
        pairs = [(item.optional_vars, item.context_expr) for item in node.items]
    for target, value in pairs:
        called = value.func if isinstance(value, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        if isinstance(target, ast.Name) and name in ("Client", "AsyncClient"):
            yield target.id


def _of_call(call: ast.Call, function: ast.Attribute, clients: set[str]) -> Iterator[Usage]:
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if function.attr in ("run_line_magic", "run_cell_magic") and texts[:1] == ["cocalc"]:
        yield from _of_line("".join(texts[1:2]), texts[2] if len(texts) > 2 else None)
    if not isinstance(function.value, ast.Name) or function.value.id not in clients:
        return
    options = {keyword.arg: _value(keyword.value) for keyword in call.keywords if keyword.arg}
    if function.attr in _TRANSFERS and call.args:
        yield Usage(function.attr, {"project_id": _value(call.args[0])})
    elif function.attr == "send" and texts:
        yield Usage(texts[0], options)
    elif catalog.get(function.attr):
        yield Usage(function.attr, options)


def _value(node: ast.expr) -> Any:
    """Return a value that is written out; any other as `$name` or `${expression}`."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError):
        source = ast.unparse(node)
        return f"${source}" if source.isidentifier() else f"${{{source}}}"
