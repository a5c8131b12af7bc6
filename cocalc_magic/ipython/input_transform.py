"""Input transformers: fix or refuse cells that IPython would misread before the magic sees them.

IPython turns a line that ends with `?` into a look-up, takes JSON over several lines for Python, runs what
is below a single `%` as Python, and refuses `%%cocalc` below a comment or with an empty cell. One transformer
finds these before anything runs; another makes a quiet message quiet.
"""

from __future__ import annotations

import ast
import re

from cocalc_magic.errors import CoCalcError, InvalidSyntax, SourceSpan
from cocalc_magic.syntax.characters import ODD_BLANK

# One of our magics as IPython has turned it into Python, alone on its line.
_AS_PYTHON = re.compile(r"get_ipython\(\)\.run_(?:line|cell)_magic\('cocalc', (.*)\)", re.DOTALL)
_SHOW = "__import__('cocalc_magic.ipython.display', fromlist=('show',)).show"
# Targets of an assignment: names, with attributes and keys.
_TARGETS = r"[^\W\d][\w.,\s*]*(?:\[[^\]\n]*\][\w.,\s]*)*"
_LINE = re.compile(rf"\s*(?:{_TARGETS}=\s*)?%cocalc\b(?P<rest>.*)")
_CELL = re.compile(r"%%cocalc\b")
_EVENT_HELP = re.compile(r"(?P<before>\s*)%cocalc\s+(?P<word>[\w/:.-]+)\s*\?{1,2}\s*")
_ODD = re.compile(rf"(%cocalc){ODD_BLANK.pattern}")
_MAX_LINES = 50  # lines in which a closing quote is searched
_OPTION = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*:(\s|$)")
_CLOSED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""")  # of a shell
# Python's strings over several lines, and what might seem to begin one.
_STRINGS = re.compile(
    r"(?P<long>'{3}(?:\\.|[^\\])*?'{3}|\"{3}(?:\\.|[^\\])*?\"{3})"
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*""",
    re.DOTALL,
)


def transform_cell(lines: list[str]) -> list[str]:
    """Return the cell as IPython should read it; a second pass does not change it.

    Raises:
        InvalidSyntax: The cell cannot be meant as IPython would read it.
    """
    if not any("%cocalc" in line for line in lines):
        return lines
    lines = [line.rstrip("\r\n") + "\n" if line.endswith(("\r", "\r\n")) else line for line in lines]
    start = next(
        (at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0
    )
    if _CELL.match(lines[start]):
        return _cell(lines[start:])
    if lines[start].startswith("%%"):  # another magic's cell, which may be any text
        return lines
    return _python(lines)


def _cell(lines: list[str]) -> list[str]:
    """Return a cell magic without the comments above it; with a single `%` if it has no body."""
    lines = [_with_blank(lines[0]), *lines[1:]]
    first = lines[0].rstrip()
    if (
        first.endswith("?")
        and not re.fullmatch(r"%%cocalc\?{1,2}", first)
        and not _without_comment(first[1:])
    ):
        raise _question(first)
    if "".join(lines[1:]).strip():
        return lines
    return [_line(lines[0][1:])] if first != "%%cocalc" else lines


def _python(lines: list[str]) -> list[str]:
    """Return the lines of a Python cell, with our magics among them fixed."""
    text = _within_strings(lines)
    fixed, end = list(lines), 0
    for at, line in enumerate(lines):
        if at < end or at in text or not _LINE.match(line):
            continue
        end = _end_of(lines, at)
        whole = line
        if end > at + 1:
            whole = " ".join([*(part[:-2] for part in lines[at : end - 1]), lines[end - 1]])
        fixed[at:end] = [_line(whole), *["\n"] * (end - at - 1)]  # every line keeps its number
        below = lines[end:]
        if any(map(str.strip, below)) and (match := _LINE.fullmatch(whole.rstrip("\n"))):
            _check_below(match["rest"], whole, below)
    return fixed


def _end_of(lines: list[str], at: int) -> int:
    """Return the number after the last line that backslashes join to this one."""
    end = at + 1
    while end < len(lines) and lines[end - 1].endswith("\\\n"):
        end += 1
    return end


def _with_blank(line: str) -> str:
    """Return the line with a plain blank after the magic's name, which IPython needs."""
    return _ODD.sub(r"\1 ", line, count=1)


def _within_strings(lines: list[str]) -> set[int]:
    """Return the numbers of the lines that begin inside a string over several lines."""
    source = "".join(lines)
    if '"""' not in source and "'''" not in source:
        return set()
    inside = set[int]()
    for match in _STRINGS.finditer(source):
        if match["long"]:
            first = source.count("\n", 0, match.start()) + 1
            inside.update(range(first, first + match[0].count("\n")))
    return inside


def _line(line: str) -> str:
    """Return a line of a cell, with `%cocalc EVENT?` turned into help."""
    line = _with_blank(line)
    match = _LINE.fullmatch(line.rstrip("\n"))
    text = line.rstrip()
    if match is None or not text.endswith("?") or text.endswith("%cocalc?"):
        return line
    if help_ := _EVENT_HELP.fullmatch(line):
        return f"{help_['before']}%cocalc help {help_['word']}\n"
    if match["rest"] and (without := _without_comment(text)):
        return _line(f"{without}\n")
    raise _question(text)


def _without_comment(text: str) -> str:
    """Return a line without the comment at its end; empty if it has none."""
    before = text[: text.rfind(" #")] if " #" in text else ""
    return before if _is_whole(before) else ""


def _is_whole(text: str) -> bool:
    """Return whether a line is complete: all its quotes close."""
    match = _LINE.fullmatch(text)
    return match is not None and _closes(match["rest"])


def _closes(rest: str) -> bool:
    """Return whether the text after `%cocalc` can be parsed: all its quotes close."""
    from cocalc_magic.syntax.line import parse  # late: few cells span lines

    try:
        return bool(parse(rest).event)
    except InvalidSyntax:
        return False


def _goes_on(rest: str, below: list[str]) -> bool:
    """Return whether a quote is open at the end of a line, and closes in one of the next."""
    return bool(set(rest) & set("'\"")) and any(
        _closes(" ".join([rest, *below[:end]])) for end in range(1, min(len(below), _MAX_LINES) + 1)
    )


def _question(text: str) -> InvalidSyntax:
    return InvalidSyntax(
        "IPython takes a ? at the end as a look-up, and nothing would be sent.",
        "Put the text in quotes: title='What?'. Help has its own command: %cocalc help EVENT",
        span=_span(text, len(text) - 1, len(text)),
    )


def _check_below(rest: str, line: str, below: list[str]) -> None:
    """Refuse what was meant for the message and is below its line."""
    if rest.split(None, 1)[:1] in (["curl"], ["from-curl"]):
        return _check_curl(rest, line, below)
    closes = _closes(rest)
    if not closes and (rest.count("{") > rest.count("}") or rest.count("[") > rest.count("]")):
        raise InvalidSyntax(
            "a line magic cannot have JSON over several lines.",
            "Write %%cocalc, and the JSON as a YAML value or as the whole body of the cell.",
            span=_span(line.rstrip("\n"), len(line.rstrip()) - 1, len(line.rstrip())),
        )
    if not closes and _goes_on(rest, below):
        raise InvalidSyntax(
            "a line magic cannot have a text over several lines.",
            "Write %%cocalc, and NAME=- for the option that is the whole cell: %%cocalc EVENT content=-",
            span=_span(line.rstrip("\n"), len(line.rstrip()) - 1, len(line.rstrip())),
        )
    text = next((line for line in below if line.strip()), "")
    option = _OPTION.match(text)
    if option and _is_option(rest.split(), option["name"]):
        raise InvalidSyntax(
            f"{option['name']} is below the line and would not be sent.",
            f"Options in the cell need two signs: %%cocalc{rest}",
            span=_span(text.rstrip("\n"), 0, len(option["name"])),
        )
    return None


def _check_curl(rest: str, line: str, below: list[str]) -> None:
    """Refuse a curl command whose quote closes in a later line."""
    left = _CLOSED.sub("", rest)
    if any(quote in left and any(quote in line for line in below[:_MAX_LINES]) for quote in "'\""):
        raise InvalidSyntax(
            "a line magic cannot have a curl command over several lines.",
            "Write %%cocalc from-curl, and the command in the cell below it.",
            span=_span(line, len(line.rstrip()) - 1, len(line.rstrip())),
        )


def _span(text: str, start: int, end: int) -> SourceSpan:
    """Return the span, which is shown; raise if a key is in the text."""
    from cocalc_magic.config import typed_secrets  # late: with the first cell that is refused

    typed_secrets.refuse(text)
    return SourceSpan(text, start, end)


def _is_option(words: list[str], name: str) -> bool:
    from cocalc_magic import catalog  # late, as above

    message = catalog.get(words[0]) if words else None
    return message is not None and any(option.name == name for option in message.options)


def silence(lines: list[str]) -> list[str]:
    """Return the cell with a semicolon at its end, if its last line is a quiet message.

    IPython shows the value of a cell unless its Python ends with a semicolon; one at the end of a magic's
    line is inside a string by then. The magic itself returns its response in any case.
    """
    last = next((at for at in reversed(range(len(lines))) if lines[at].strip()), None)
    match = None if last is None else _AS_PYTHON.fullmatch(lines[last].rstrip())
    return lines if match is None or not _is_quiet(match) else [*lines[:last], f"{match[0]};\n"]


def show_each(lines: list[str]) -> list[str]:
    """Return the cell such that every message on a line of its own is shown: IPython shows the last alone."""
    lines = "".join(lines).splitlines(keepends=True)
    try:
        statements = ast.parse("".join(lines)).body[:-1]
    except (SyntaxError, ValueError):  # which IPython will report
        return lines
    for statement in statements:
        match = _AS_PYTHON.fullmatch(lines[statement.lineno - 1].rstrip())
        if match and isinstance(statement, ast.Expr) and not _is_quiet(match):
            lines[statement.lineno - 1] = f"{_SHOW}(get_ipython(), {match[0]})\n"
    return lines


def _is_quiet(match: re.Match[str]) -> bool:
    """Return whether a message, as Python, is one that shows nothing."""
    if not (";" in match[1] or "--quiet" in match[1]):
        return False
    try:
        return _is_silent(str(ast.literal_eval(f"({match[1]},)")[0]))
    except (CoCalcError, ValueError, SyntaxError):  # which the magic will report
        return False


def _is_silent(text: str) -> bool:
    from cocalc_magic.commands.synopsis import SYNOPSES  # late: with the first cell of messages
    from cocalc_magic.syntax.line import is_silent, parse

    first = text.split(None, 1)[0].rstrip(";") if text.strip() else ""
    if first in SYNOPSES and first != "raw":
        return is_silent(text)
    line = parse(text)
    return line.silent or bool(line.flags.get("quiet"))
