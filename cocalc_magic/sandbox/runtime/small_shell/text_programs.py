"""The programs of the small shell that work with text; each returns its exit code."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import FileInput, Usage, lines_of
from cocalc_magic.sandbox.runtime.small_shell.printf import unescaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.small_shell.call import Call


def cat(call: Call) -> int:
    """Write files one after the other; `-n` with numbers of lines."""
    flags, number = call.flags("n"), 0
    for _, data in call.inputs():
        if "n" not in flags:
            call.out.write(data)
            continue
        for line in data.splitlines(keepends=True):
            number += 1
            call.out.write(b"%6d\t%s" % (number, line))
    return call.failed


def wc(call: Call) -> int:
    """Count lines, words, characters, bytes, and the longest line."""
    flags = call.flags("lwcmL") or dict.fromkeys("lwc", "")
    paths, rows, size = call.args, list[tuple[str, dict[str, int]]](), 0
    is_uneven = not paths and not isinstance(call.stdin, FileInput)
    for path in paths or ["-"]:
        call.args = [path]
        if path != "-" and call.files.is_folder(path):
            call.failed = call.fail(f"{path}: Is a directory")
            rows.append((path, _counts(b"")))
            is_uneven = True
            continue
        for _, data in call.inputs():
            size += len(data)
            rows.append((path if paths else "", _counts(data)))
    width = 1 if len(flags) == 1 and len(paths) < 2 else 7 if is_uneven else len(str(size))
    if len(paths) > 1:
        sums = {letter: sum(counts[letter] for _, counts in rows) for letter in "lwmc"}
        rows.append(("total", sums | {"L": max((counts["L"] for _, counts in rows), default=0)}))
    for path, counts in rows:
        numbers = " ".join(f"{counts[letter]:{width}}" for letter in "lwmcL" if letter in flags)
        call.out.line(f"{numbers} {path}".rstrip())
    return call.failed


def _counts(data: bytes) -> dict[str, int]:
    text = data.decode("utf-8", "replace")
    longest = max(map(len, text.split("\n")))
    return {"l": data.count(b"\n"), "w": len(data.split()), "m": len(text), "c": len(data), "L": longest}


def head(call: Call) -> int:
    """Write the first lines, or with `-c` bytes; all but the last with `-n -2`."""
    return _part(call, lambda items, number: items[: int(number)], "-")


def tail(call: Call) -> int:
    """Write the last lines, or with `-c` bytes; from one on with `-n +2`."""
    return _part(call, _last, "+")


def _last(items: list[bytes] | bytes, number: str) -> list[bytes] | bytes:
    if number[0] == "+":
        return items[max(0, int(number) - 1) :]
    return items[max(0, len(items) - int(number)) :]


def _part(call: Call, part: Callable[[list[bytes] | bytes, str], list[bytes] | bytes], sign: str) -> int:
    call.args[:1] = [re.sub(r"^-(\d+)$", r"-n\1", word) for word in call.args[:1]]
    flags = call.flags("q", "nc")
    text = flags.get("c", flags.get("n", "10"))
    if not re.fullmatch(rf"[{sign}]?\d+", text):
        raise Usage(f"invalid number of {'bytes' if 'c' in flags else 'lines'}: ‘{text}’", 1)
    several = len(call.args) > 1
    most = int(text) if "c" in flags and text.isdecimal() and sign == "-" else None
    is_first = True
    for path, data in call.inputs(most, "cannot open '{}' for reading", "error reading '{}'"):
        if several and "q" not in flags:
            call.out.line(f"{'' if is_first else chr(10)}==> {path} <==")
        is_first = False
        items: list[bytes] | bytes = data if "c" in flags else data.splitlines(keepends=True)
        chosen = part(items, text)
        call.out.write(chosen if isinstance(chosen, bytes) else b"".join(chosen))
    return call.failed


def uniq(call: Call) -> int:
    """Write lines without those that are as the one before.

    `-c` with how often each stands there, `-d` those that do so twice, `-u` once, `-i` whatever their case.
    """
    flags = call.flags("cdui")
    groups: list[tuple[str, int]] = []
    for line in call.lines():
        is_same = groups and (
            groups[-1][0] == line or ("i" in flags and groups[-1][0].lower() == line.lower())
        )
        first, count = groups.pop() if is_same else (line, 0)
        groups.append((first, count + 1))
    for line, count in groups:
        if not (("d" in flags and count < 2) or ("u" in flags and count > 1)):
            call.out.line(f"{count:7} {line}" if "c" in flags else line)
    return call.failed


def seq(call: Call) -> int:
    """Write numbers, from one to another; `-s` with this text between, `-w` all as wide."""
    between, wide = "\n", False
    while call.args and (match := re.fullmatch(r"-(?:(w)|s(.*))", call.args[0], re.DOTALL)):
        call.args.pop(0)
        wide = wide or bool(match[1])
        between = between if match[1] else match[2] or call.args.pop(0)
    call.require(1)
    try:
        numbers = [Decimal(word) for word in call.args]
    except InvalidOperation:
        bad = next(word for word in call.args if not re.fullmatch(r"[-+]?\d*\.?\d+", word))
        raise Usage(
            f"invalid floating point argument: ‘{bad}’\nTry 'seq --help' for more information.", 1
        ) from None
    first, last = (Decimal(1), numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[-1])
    step = numbers[1] if len(numbers) > 2 else Decimal(1)
    if not step:
        raise Usage(
            f"invalid Zero increment value: ‘{call.args[1]}’\nTry 'seq --help' for more information.", 1
        )
    places = max(0, *(-int(number.as_tuple().exponent) for number in (first, step)))
    width = max(len(f"{number:.{places}f}") for number in (first, last)) if wide else 0
    before = ""
    while (first <= last) if step > 0 else (first >= last):
        if call.out.is_full:
            return 0
        call.write(f"{before}{f'{first:.{places}f}'.zfill(width)}")
        first, before = first + step, between
    call.write("\n" if before else "")
    return 0


def cut(call: Call) -> int:
    """Write parts of lines: fields (`-f`, which `-d` ends), characters (`-c`) or bytes (`-b`)."""
    flags = call.flags("s", "dfcb")
    which = next((letter for letter in "fcb" if letter in flags), "")
    if not which:
        raise Usage(
            "you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.",
            1,
        )
    chosen, sign = _places(flags[which]), flags.get("d", "\t")
    for line in call.lines():
        if which != "f":
            call.out.line("".join(each for place, each in enumerate(line, 1) if chosen(place)))
        elif sign in line:
            call.out.line(sign.join(each for place, each in enumerate(line.split(sign), 1) if chosen(place)))
        elif "s" not in flags:
            call.out.line(line)
    return call.failed


def _places(text: str) -> Callable[[int], bool]:
    """Return whether a place is in a list as `1,3-5,7-`."""
    ranges = []
    for piece in text.split(","):
        match = re.fullmatch(r"(\d*)(-?)(\d*)", piece)
        if not match or not (match[1] or match[3]):
            raise Usage(f"invalid field value ‘{piece}’\nTry 'cut --help' for more information.", 1)
        first = int(match[1] or 1)
        ranges.append((first, int(match[3]) if match[3] else 10**9 if match[2] else first))
    return lambda place: any(first <= place <= last for first, last in ranges)


_CLASSES = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "digit": "0123456789",
    "space": "\t\n\v\f\r ",
    "blank": "\t ",
    "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
}
_CLASSES["alpha"] = _CLASSES["upper"] + _CLASSES["lower"]
_CLASSES["alnum"] = _CLASSES["digit"] + _CLASSES["alpha"]


def tr(call: Call) -> int:
    """Replace characters by others; `-d` removes them, `-s` keeps one of several, `-c` takes all others."""
    flags = call.flags("dscC")
    call.require(1)
    if len(call.args) < 2 and not flags.keys() & {"d", "s"}:
        call.require(2)
    sets = [_characters(text) for text in call.args]
    inverse = bool(flags.keys() & {"c", "C"})
    first = bytes(sorted(set(range(256)) - set(sets[0]))) if inverse else sets[0]
    data = call.stdin.read()
    if "d" in flags:
        data = data.translate(None, first)
    elif len(sets) > 1:
        second = sets[1] or first
        second += second[-1:] * (len(first) - len(second))
        pairs = dict(zip(first, second, strict=False))
        data = data.translate(bytes(pairs.get(byte, byte) for byte in range(256)))
    if "s" in flags:
        signs = re.escape(sets[-1] if len(sets) > 1 else first)
        data = re.sub(rb"([" + signs + rb"])\1+", rb"\1", data) if signs else data
    call.out.write(data)
    return 0


def _characters(text: str) -> bytes:
    """Return the characters of a set of `tr`."""
    text = re.sub(r"\[:(\w+):\]", lambda match: _CLASSES.get(match[1], ""), text)
    text = re.sub(
        r"([0-9A-Za-z])-([0-9A-Za-z])",
        lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))),
        unescaped(text),
    )
    return text.encode("utf-8", "surrogateescape")


def tee(call: Call) -> int:
    """Write standard input to files, with `-a` to their end, and on."""
    flags, data = call.flags("a"), call.stdin.read()
    call.out.write(data)
    for path in call.args:
        try:
            call.files.write(path, data, append="a" in flags)
        except OSError as problem:
            call.failed = call.fail(f"{path}: {problem.strerror}")
    return call.failed


def reverse(call: Call) -> int:
    """Write lines backwards (`tac`)."""
    for _, data in call.inputs():
        call.write("".join(f"{line}\n" for line in reversed(lines_of(data))))
    return call.failed
