"""Parse line and body together: a message of the catalog with its options, checked and converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.catalog import Message, Option
from cocalc_magic.catalog.raw import unwrapped
from cocalc_magic.errors import (
    InvalidMessage,
    InvalidSyntax,
    InvalidValue,
    combine,
    did_you_mean,
    nearest,
)
from cocalc_magic.syntax import body as bodies
from cocalc_magic.syntax import convert, pasted
from cocalc_magic.syntax.evaluate import Evaluator, Options, PendingOption, missing
from cocalc_magic.syntax.flags import FLAGS
from cocalc_magic.syntax.variables import Namespace, Variable, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cocalc_magic.errors import SourceSpan
    from cocalc_magic.syntax.line import Item, Line
    from cocalc_magic.syntax.nodes import Object

DefaultProvider = Callable[[Message, Option], Callable[[], Any] | None]
"""Returns a function that finds the value of a missing option (required, or marked `current`), or `None`."""


@dataclass(frozen=True)
class Call:
    """One message as it was typed, ready to be sent, and the flags of its line."""

    message: Message
    options: dict[str, Any]
    flags: Mapping[str, str | bool] = field(default_factory=dict)
    silent: bool = False


def read(
    line: Line,
    body: str | None,
    namespace: Namespace,
    defaults: DefaultProvider | None = None,
    commands: Iterable[str] = (),
) -> Call:
    """Return the message that line and body ask for.

    `body` is `None` under a single `%`, and a blank one is none. `defaults` is asked for options that
    were left out and are required, or marked `current`. `commands` are what else the first word may have
    meant. All mistakes are reported at once, in one `InvalidMessage`.
    """
    flags, problems = read_flags(line, namespace)
    problems += [_without_each(name) for name in flags if name in _BULK]
    return Reading(line, body, commands).call(namespace, defaults, flags, problems)


def read_flags(line: Line, namespace: Namespace) -> tuple[dict[str, Any], list[InvalidMessage]]:
    """Return the values of a line's flags, and what is wrong with others."""
    flags: dict[str, Any] = {}
    problems: list[InvalidMessage] = []
    for name, parts in line.flags.items():
        try:
            flags[name] = True if isinstance(parts, bool) else _flag(name, join(parts, namespace))
        except InvalidMessage as problem:
            problems.append(problem)
    return flags, problems


def _flag(name: str, value: Any) -> Any:
    flag = _FLAGS[name]
    text = value if flag.keeps else str(value)
    if flag.choices and text not in flag.choices:
        takes = f"{', '.join(flag.choices[:-1])} or {flag.choices[-1]}"
        raise InvalidValue(f"--{name} takes {takes}, not {text!r}.", did_you_mean(text, flag.choices))
    return text


def _without_each(name: str) -> InvalidSyntax:
    return InvalidSyntax(
        f"--{name} is for messages of many rows.", "Write --each DATA, as in --each students.csv"
    )


_FLAGS = {flag.key: flag for flag in FLAGS}
_BULK = frozenset(flag.key for flag in FLAGS if flag.bulk)


def unix_lines(text: str) -> str:
    """Return the text of a cell with `\\n` at the end of each line, whichever system it was written on."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def check(message: Message, options: Mapping[str, Any]) -> dict[str, Any]:
    """Check options given as Python values, and convert them as those of a line."""
    gathered = Options(message)
    for name, value in options.items():
        gathered.add(PendingOption(name, partial(convert.from_python, value=value)))
    problems = [
        *gathered.problems,
        *(missing(message, option) for option in gathered.left_out() if option.required),
    ]
    if problems:
        raise combine(problems)
    return unwrapped(message, gathered.values) if message.raw else gathered.values


_EVENT = Option("event", "text", "The name of the message.")


class Reading:
    """One line and body, read once, that make a message with any values of the notebook.

    Args:
        line: The line.
        body: The body; `None` under a single `%`, and a blank one is none.
        commands: What else the first word may have meant.
    """

    def __init__(self, line: Line, body: str | None, commands: Iterable[str] = ()) -> None:
        self.line = line
        self.body = unix_lines(body) if body and body.strip() else None
        self.whole = body is not None and line.event in ("", "event")
        self.commands = commands
        self.evaluator = Evaluator({})

    def call(
        self,
        namespace: Namespace,
        defaults: DefaultProvider | None = None,
        flags: Mapping[str, Any] | None = None,
        problems: Iterable[InvalidMessage] = (),
    ) -> Call:
        """Return the message with the values of a namespace; `problems` are reported with its own."""
        self.evaluator = Evaluator(namespace)
        bodied = [item for item in self.line.items if item.source == "body"]
        mapping = [*self._spread(), *(() if bodied or self.body is None else self._of_body())]
        event, span = self._event([pending for pending in mapping if pending.name == "event"])
        message, unknown = self._message(event, span)
        options = Options(message)
        for item in self.line.items:
            options.add(self._of_item(item, taken=item in bodied[1:]))
        for pending in mapping:
            if pending.name != "event" or _takes_event(message):
                options.add(pending)
        mistakes = [*unknown, *options.problems, *problems]
        self._fill_in(options, mistakes, defaults, guessed=bool(unknown))
        if mistakes:
            raise combine(mistakes)
        values = unwrapped(message, options.values) if message.raw else options.values
        return Call(message, values, flags or {}, self.line.silent)

    # -- what was given ----------------------------------------------------------------------------

    def _of_item(self, item: Item, *, taken: bool) -> PendingOption:
        value = partial(self.evaluator.item, item=item)
        if item.source == "body":
            value = partial(self._whole_body, taken=taken)
        return PendingOption(item.name, value, item, element=item.sign.startswith("[]"))

    def _whole_body(self, option: Option, *, taken: bool) -> Any:
        if taken:
            raise InvalidSyntax("the cell is taken twice.", "One option is the whole cell: NAME=-")
        if self.body is None:
            raise InvalidSyntax(
                f"{option.name}=- takes the body of a cell, and there is none.",
                "Use %%cocalc, or quote the text -",
            )
        return convert.from_text(option, self.body)

    def _spread(self) -> Iterator[PendingOption]:
        for variable in self.line.spread:
            yield from self._of_variable(variable)

    def _of_variable(self, variable: Variable) -> Iterator[PendingOption]:
        for name, value in self.evaluator.spread(variable).items():
            yield PendingOption(name, partial(convert.from_python, value=value), variable)

    @cached_property
    def _parsed(self) -> Object | Variable | None:
        """The body, parsed."""
        body = self.body or ""
        try:
            if self.whole:
                pasted.refuse(body, len(body) - len(body.lstrip()))
            elif pasted.is_curl(body):
                raise pasted.curl()
            return bodies.parse(body)
        except InvalidSyntax as problem:
            problem.hints = (*problem.hints, *self._text_option())
            raise

    def _of_body(self) -> Iterator[PendingOption]:
        parsed = self._parsed
        if isinstance(parsed, Variable):
            yield from self._of_variable(parsed)
        elif parsed:
            for name, node, written in self.evaluator.members(parsed):
                yield PendingOption(name, partial(self._node, node=node, python=parsed.python), written)

    def _node(self, option: Option, *, node: Any, python: bool) -> Any:
        """Return the value of a node; in a Python literal it is treated like the value of a variable."""
        if python:
            return convert.from_python(option, self.evaluator.plain(node))
        return self.evaluator.node(option, node)

    def _text_option(self) -> Iterator[str]:
        message = catalog.get(self.line.event)
        if message and (name := message.text_option):
            yield f"To send the whole cell as {name}: %%cocalc {message.event} {name}=-"

    # -- the message -------------------------------------------------------------------------------

    def _event(self, pending: list[PendingOption]) -> tuple[str, SourceSpan | None]:
        """Return the event that the line or the mapping names, and its span in the line."""
        named = {str(option.value(_EVENT)) for option in pending}
        event = self.line.event
        if event not in ("", "event") or not (self.whole or self.line.spread):
            known = catalog.get(event)
            if named - {event} and not (known and _takes_event(known)):
                raise InvalidSyntax(
                    f"the line says {event}, the event beside the options is another.", span=self.line.span
                )
            if not event:
                raise InvalidSyntax(
                    "the line names no event.", "Write %cocalc EVENT name=value …, as in %cocalc ping"
                )
            return event, self.line.span
        if len(named) != 1:
            raise InvalidSyntax(
                "two events are named." if named else "the body names no event.",
                "Begin it with event: ping, or write %%cocalc ping",
            )
        return named.pop(), None

    def _message(self, event: str, span: SourceSpan | None) -> tuple[Message, list[InvalidMessage]]:
        """Return the message; for a wrong name the nearest one, so that other mistakes are reported too."""
        if message := catalog.get(event):
            return message, []
        near = nearest(event, [*catalog.names_like(event), *self.commands])
        unknown = catalog.unknown(event, near)
        unknown.span = span
        guess = catalog.get(near[0]) if near else None
        if guess is None:
            raise unknown
        return guess, [unknown]

    def _fill_in(
        self,
        options: Options,
        problems: list[InvalidMessage],
        defaults: DefaultProvider | None,
        *,
        guessed: bool,
    ) -> None:
        """Fill in missing options that are known, or report them. A person is asked last."""
        left = [] if guessed else options.left_out()
        sources = {option.name: defaults and defaults(options.message, option) for option in left}
        needed = [option for option in left if option.required]
        problems += [missing(options.message, option) for option in needed if not sources[option.name]]
        for option in left if not problems else ():
            source = sources[option.name]
            value = source() if source else None
            if value is None and option.required:
                problems.append(missing(options.message, option))
            elif value is not None:
                options.values[option.name] = convert.from_python(option, value)


def _takes_event(message: Message) -> bool:
    """Return whether `event` is an option of the message itself."""
    return any(option.name == "event" for option in message.options)
