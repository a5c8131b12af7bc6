"""The words of a command: what stands by itself, and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax, InvalidValue, did_you_mean, what_there_is
from cocalc_magic.syntax.convert import plain_value
from cocalc_magic.syntax.line import split_words
from cocalc_magic.syntax.variables import alone, join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.session.session import Session

    Action = Callable[[Session, list[str]], Any]


def split(text: str, namespace: Mapping[str, Any]) -> list[str]:
    """The words of a text, values of the notebook in their places; a list alone is several words.

    Raises :class:`InvalidSyntax`, :class:`UndefinedName`, and :class:`InvalidValue` for a value that is no
    text and no number, and does not hold the id of a project.
    """
    words: list[str] = []
    for parts in split_words(text):
        if variable := alone(parts):
            words += _texts(variable.source, plain_value(variable.value(namespace)))
        else:
            words.append(str(join(parts, namespace)))
    return words


def _texts(source: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(source, item)]
    if isinstance(value, dict):
        value = value.get("project_id", value.get("value"))  # what holds a project stands for it
    if not isinstance(value, str | int | float):
        raise InvalidValue(f"{source} is neither a text nor a number, and holds no project.")
    return [str(value)]


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
