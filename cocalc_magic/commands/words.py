"""The words of a command: what stands by itself, and flags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax, Spot, did_you_mean, what_there_is
from cocalc_magic.values import characters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.commands.session import Session

    Action = Callable[[Session, list[str]], Any]


# In the line of a command: a quoted stretch, an odd blank, what is not seen, or the end of the line.
_COMMAND_PART = re.compile(
    rf"""'[^']*'|"(?:\\.|[^"\\])*"|(?P<blank>{characters.ODD_BLANK.pattern})"""
    rf"""|(?P<unseen>{characters.UNSEEN.pattern})"""
    r"""|(?P<end>;(?=\s*(?:\#(?:\s|\Z)|\Z))|(?:\A|(?<=\s))\#(?=\s|\Z))""",
)


def plain_line(text: str) -> str:
    """What follows a command's name, with plain blanks, without the semicolon and the comment at its end."""
    words, done = list[str](), 0
    for match in _COMMAND_PART.finditer(text):
        if match["end"]:
            return "".join([*words, text[done : match.start()]])
        if match["unseen"]:
            raise characters.unseen(match[0], Spot(text, *match.span()))
        if match["blank"]:
            words += [text[done : match.start()], " "]
            done = match.end()
    return "".join([*words, text[done:]])


def sort(command: str, words: list[str], flags: Mapping[str, bool]) -> tuple[list[str], dict[str, str]]:
    """The words by themselves, and the flags with their values.

    ``flags`` says for each ``--name`` whether a value follows it; one without is given as ``"yes"``.
    Raises :class:`InvalidSyntax` for any other flag and for a value that is missing.
    """
    alone: list[str] = []
    given: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            alone.append(word)
            continue
        name, sign, value = word.partition("=")
        if name not in flags:
            where = f"%cocalc help {command.split()[0]} tells them."
            hints = what_there_is(name, flags, "Its flags:", where) if flags else ()
            raise InvalidSyntax(f"{command} has no flag {name}.", *hints)
        if flags[name] and not sign:
            value = next(rest, "")
        if flags[name] != bool(value):
            raise InvalidSyntax(f"{name} of {command} takes {'a value' if flags[name] else 'no value'}.")
        given[name.removeprefix("--")] = value or "yes"
    return alone, given


def act(
    command: str, session: Session, words: list[str], actions: Mapping[str, Action], hint: str = ""
) -> Any:
    """Carries out the action that the first word names, the first of them without a word.

    Raises :class:`InvalidSyntax` for a word that names none.
    """
    action = words[0] if words else next(iter(actions))
    if action not in actions:
        raise InvalidSyntax(
            f"{command} knows no {action!r}.",
            did_you_mean(action, actions),
            hint or f"Write %cocalc {command} {' | '.join(actions)}",
        )
    return actions[action](session, words[1:])
