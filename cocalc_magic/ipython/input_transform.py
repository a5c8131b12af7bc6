"""What IPython does to a cell before the magic sees it, put right or told.

IPython turns a line that ends with ``?`` into a look-up, takes JSON over several lines for Python, runs
what stands below a single ``%`` as Python of its own, refuses ``%%cocalc`` below a comment and one with an
empty cell. One input transformer finds these before anything runs; another keeps a quiet message quiet.
"""

from __future__ import annotations

import ast
import re

from cocalc_magic.errors import CoCalcError, InvalidSyntax, SourceSpan
from cocalc_magic.syntax.characters import ODD_BLANK

# A message of ours as IPython has turned it into Python, standing alone.
_AS_PYTHON = re.compile(r"get_ipython\(\)\.run_(?:line|cell)_magic\('cocalc', (.*)\)", re.DOTALL)
# Names, with attributes and keys, that a response is given to.
_TARGETS = r"[^\W\d][\w.,\s*]*(?:\[[^\]\n]*\][\w.,\s]*)*"
_LINE = re.compile(rf"\s*(?:{_TARGETS}=\s*)?%cocalc\b(?P<rest>.*)")
_CELL = re.compile(r"%%cocalc\b")
_EVENT_HELP = re.compile(r"(?P<before>\s*)%cocalc\s+(?P<word>[\w/:.-]+)\s*\?{1,2}\s*")
_ODD = re.compile(rf"(%cocalc){ODD_BLANK.pattern}")
_NEAR = 50  # lines in which a quote is looked for that closes an open one
_OPTION = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*:(\s|$)")
_CLOSED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""")  # of a shell
# Texts over several lines of Python, and what might seem to begin one.
_STRINGS = re.compile(
    r"(?P<long>'{3}(?:\\.|[^\\])*?'{3}|\"{3}(?:\\.|[^\\])*?\"{3})"
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*""",
    re.DOTALL,
)


def transform_cell(lines: list[str]) -> list[str]:
    """The cell as IPython should read it. Raises :class:`InvalidSyntax` for what can't be meant so.

    What comes out is read as itself when it goes through again.
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


transform_cell.has_side_effects = True  # type: ignore[attr-defined]  # IPython then leaves it out while one still types


def _cell(lines: list[str]) -> list[str]:
    """A cell magic, without the comments above it; a single ``%`` where there is no body."""
    lines = [_parted(lines[0]), *lines[1:]]
    first = lines[0].rstrip()
    if first.endswith("?") and not re.fullmatch(r"%%cocalc\?{1,2}", first) and not _without_remark(first[1:]):
        raise _question(first)
    if "".join(lines[1:]).strip():
        return lines
    return [_line(lines[0][1:])] if first != "%%cocalc" else lines


def _python(lines: list[str]) -> list[str]:
    """The lines of a cell of Python, with ours among them made right."""
    text = _within_texts(lines)
    found, end = list(lines), 0
    for at, line in enumerate(lines):
        if at < end or at in text or not _LINE.match(line):
            continue
        end = _end_of(lines, at)
        whole = line
        if end > at + 1:
            whole = " ".join([*(part[:-2] for part in lines[at : end - 1]), lines[end - 1]])
        found[at:end] = [_line(whole), *["\n"] * (end - at - 1)]  # every line keeps its number
        below = lines[end:]
        if any(map(str.strip, below)) and (match := _LINE.fullmatch(whole.rstrip("\n"))):
            _check_below(match["rest"], whole, below)
    return found


def _end_of(lines: list[str], at: int) -> int:
    """The number behind the last of the lines that a backslash at its end makes one of this one."""
    end = at + 1
    while end < len(lines) and lines[end - 1].endswith("\\\n"):
        end += 1
    return end


def _parted(line: str) -> str:
    """A line of ours with a plain blank behind the magic's name, which IPython looks for."""
    return _ODD.sub(r"\1 ", line, count=1)


def _within_texts(lines: list[str]) -> set[int]:
    """The numbers of the lines that begin within a text over several lines."""
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
    """A line of a cell, with ``%cocalc EVENT?`` made help."""
    line = _parted(line)
    match = _LINE.fullmatch(line.rstrip("\n"))
    text = line.rstrip()
    if match is None or not text.endswith("?") or text.endswith("%cocalc?"):
        return line
    if help_ := _EVENT_HELP.fullmatch(line):
        return f"{help_['before']}%cocalc help {help_['word']}\n"
    if match["rest"] and (without := _without_remark(text)):
        return _line(f"{without}\n")
    raise _question(text)


def _without_remark(text: str) -> str:
    """A line of ours without the comment at its end; empty where that is none."""
    before = text[: text.rfind(" #")] if " #" in text else ""
    return before if _is_whole(before) else ""


def _is_whole(text: str) -> bool:
    """Whether a line of ours is complete as it stands: no quote is open at its end."""
    match = _LINE.fullmatch(text)
    return match is not None and _closes(match["rest"])


def _closes(rest: str) -> bool:
    """Whether what stands after ``%cocalc`` can be read: every quote in it closes."""
    from cocalc_magic.syntax.line import parse

    try:
        return bool(parse(rest).event)
    except InvalidSyntax:
        return False


def _goes_on(rest: str, below: list[str]) -> bool:
    """Whether a quote is open at the end of a line, and closes in one of the next."""
    return bool(set(rest) & set("'\"")) and any(
        _closes(" ".join([rest, *below[:end]])) for end in range(1, min(len(below), _NEAR) + 1)
    )


def _question(text: str) -> InvalidSyntax:
    return InvalidSyntax(
        "a ? at the end is IPython's: it looks something up, and nothing would be sent.",
        "Put the text in quotes: title='What?'",
        span=_spot(text, len(text) - 1, len(text)),
    )


def _check_below(rest: str, line: str, below: list[str]) -> None:
    """Refuses what was meant for the message and stands below its line."""
    if rest.split(None, 1)[:1] in (["curl"], ["from-curl"]):
        return _check_curl(rest, line, below)
    closes = _closes(rest)
    if not closes and (rest.count("{") > rest.count("}") or rest.count("[") > rest.count("]")):
        raise InvalidSyntax(
            "JSON over several lines is no line.",
            "Write %%cocalc, and the JSON as a YAML value or as the whole body of the cell.",
            span=_spot(line.rstrip("\n"), len(line.rstrip()) - 1, len(line.rstrip())),
        )
    if not closes and _goes_on(rest, below):
        raise InvalidSyntax(
            "a text over several lines is no line.",
            "Write %%cocalc, and NAME=- for the option that is the whole cell: %%cocalc EVENT content=-",
            span=_spot(line.rstrip("\n"), len(line.rstrip()) - 1, len(line.rstrip())),
        )
    text = next((line for line in below if line.strip()), "")
    option = _OPTION.match(text)
    if option and _is_option(rest.split(), option["name"]):
        raise InvalidSyntax(
            f"{option['name']} stands below the line and would not be sent.",
            f"Options in the cell need two signs: %%cocalc{rest}",
            span=_spot(text.rstrip("\n"), 0, len(option["name"])),
        )
    return None


def _check_curl(rest: str, line: str, below: list[str]) -> None:
    """Refuses a curl command whose quote closes in a later line."""
    left = _CLOSED.sub("", rest)
    if any(quote in left and any(quote in line for line in below[:_NEAR]) for quote in "'\""):
        raise InvalidSyntax(
            "a curl command over several lines is no line.",
            "Write %%cocalc from-curl, and the command in the cell below it.",
            span=_spot(line, len(line.rstrip()) - 1, len(line.rstrip())),
        )


def _spot(text: str, start: int, end: int) -> SourceSpan:
    """The spot, which will be shown; raises in its place when a key stands in the text."""
    from cocalc_magic.config import typed_secrets

    typed_secrets.refuse(text)
    return SourceSpan(text, start, end)


def _is_option(words: list[str], name: str) -> bool:
    from cocalc_magic import catalog

    message = catalog.get(words[0]) if words else None
    return message is not None and any(option.name == name for option in message.options)


def silence(lines: list[str]) -> list[str]:
    """The cell with a semicolon at its end, where its last line is a quiet message.

    IPython shows the value of a cell unless its Python ends with a semicolon; one at the end of a
    magic's line is inside of a string by then. The magic itself returns its response in any case.
    """
    last = next((at for at in reversed(range(len(lines))) if lines[at].strip()), None)
    match = None if last is None else _AS_PYTHON.fullmatch(lines[last].rstrip())
    if match is None or not (";" in match[1] or "--quiet" in match[1]):
        return lines
    try:
        silent = _is_silent(str(ast.literal_eval(f"({match[1]},)")[0]))
    except (CoCalcError, ValueError, SyntaxError):  # the magic will tell
        return lines
    return [*lines[:last], f"{match[0]};\n"] if silent else lines


def _is_silent(text: str) -> bool:
    from cocalc_magic.commands.usage import USAGE
    from cocalc_magic.syntax.line import is_silent, parse

    first = text.split(None, 1)[0].rstrip(";") if text.strip() else ""
    if first in USAGE and first != "raw":
        return is_silent(text)
    line = parse(text)
    return line.silent or bool(line.flags.get("quiet"))
