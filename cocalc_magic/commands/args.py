"""Parse the arguments of a command and dispatch to its actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import BulkFailed, InvalidSyntax, InvalidValue, did_you_mean, what_there_is
from cocalc_magic.syntax.convert import plain_value
from cocalc_magic.syntax.line import split_words
from cocalc_magic.syntax.variables import alone, join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.session.session import Session

    Action = Callable[[Session, list[str]], Any]
    Keep = Callable[[str, Any], None]


class ValueWord(str):
    """A word that stands for a value of the notebook, such as a DataFrame; its text is what was typed."""

    __slots__ = ("value",)
    value: Any

    @classmethod
    def of(cls, source: str, value: Any) -> ValueWord:
        """Return the word for a value."""
        word = cls(source)
        word.value = value
        return word


def split(text: str, namespace: Mapping[str, Any], *, whole: bool = False) -> list[str]:
    """Split a text into words, with values of the notebook in place; a list by itself is several words.

    Args:
        text: The text.
        namespace: The values.
        whole: Let what is neither a text nor a number be one `ValueWord`.

    Raises:
        InvalidSyntax: A quote does not close, or the like.
        UndefinedName: A variable does not exist.
        InvalidValue: A value is neither a text nor a number, and does not hold the id of a project.
    """
    argv: list[str] = []
    for parts in split_words(text):
        if variable := alone(parts):
            value = variable.value(namespace)
            is_word = not whole or isinstance(value, str | int | float)
            source = variable.source
            argv += _texts(source, plain_value(value)) if is_word else [ValueWord.of(source, value)]
        else:
            argv.append(str(join(parts, namespace)))
    return argv


def _texts(source: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(source, item)]
    if isinstance(value, dict):
        value = value.get("project_id", value.get("value"))  # what holds a project stands for it
    if not isinstance(value, str | int | float):
        raise InvalidValue(f"{source} is neither a text nor a number, and does not hold a project.")
    return [str(value)]


def parse_args(command: str, argv: list[str], flags: Mapping[str, bool]) -> tuple[list[str], dict[str, str]]:
    """Split argv into positional words and flags.

    Args:
        command: The command, for errors.
        argv: Its arguments.
        flags: For each `--name`, whether it takes a value; a flag without one is returned as "yes".

    Raises:
        InvalidSyntax: For an unknown flag, or a value that is missing or not expected.
    """
    words: list[str] = []
    values: dict[str, str] = {}
    rest = iter(argv)
    for word in rest:
        if not word.startswith("-"):
            words.append(word)
            continue
        name, sign, value = word.partition("=")
        if name not in flags:
            where = f"%cocalc help {command.split()[0]} lists them."
            hints = what_there_is(name, flags, "Its flags:", where) if flags else ()
            raise InvalidSyntax(f"{command} has no flag {name}.", *hints)
        if flags[name] and not sign:
            value = next(rest, "")
        if flags[name] != bool(value) or isinstance(value, ValueWord):
            raise InvalidSyntax(f"{name} of {command} takes {'a value' if flags[name] else 'no value'}.")
        values[name.removeprefix("--")] = value or "yes"
    return words, values


def dispatch(
    command: str, session: Session, argv: list[str], actions: Mapping[str, Action], hint: str = ""
) -> Any:
    """Run the action named by the first word, or the first action if there is none.

    Raises:
        InvalidSyntax: The word does not name an action.
    """
    action = argv[0] if argv else next(iter(actions))
    if action not in actions:
        raise InvalidSyntax(
            f"{command} has no {action!r}.",
            did_you_mean(action, actions),
            hint or f"Write %cocalc {command} {' | '.join(actions)}",
        )
    return actions[action](session, argv[1:])


def kept(words: list[str], keep: Keep | None, action: Callable[[list[str]], Any]) -> Any:
    """Run an action, and keep its value under the name after `-o`; also that of one that fails for some."""
    argv, name = _without_out(words)
    if name and keep is None:
        raise InvalidSyntax("-o names a variable of a notebook.")
    try:
        value = action(argv)
    except BulkFailed as failure:
        if name and keep:
            keep(name, failure.result)
        raise
    if name and keep:
        keep(name, value)
    return value


def _without_out(words: list[str]) -> tuple[list[str], str]:
    """Return the words without `-o NAME`, and the name."""
    for place, word in enumerate(words):
        option, sign, name = word.partition("=")
        if option in ("-o", "--out"):
            value = name if sign else "".join(words[place + 1 : place + 2])
            return [*words[:place], *words[place + (1 if sign else 2) :]], value
    return words, ""
