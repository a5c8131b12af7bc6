"""Help from the catalog: on one message, on many, and on a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.wire import translate
from cocalc_magic.render.blocks import Block, Note, Pre, Terms, Title, Verdict
from cocalc_magic.render.page import Page
from cocalc_magic.syntax.format import format_default, format_magic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from cocalc_magic.catalog import Message, Option, Permission

    Options = Mapping[str, Any]

AVAILABILITY = {
    "closed": "Servers of 2024 know the event and no longer take it over HTTP.",
    "gone": "Servers of 2024 no longer know the event.",
    "unhandled": "Servers accept the event and do nothing.",
}


def message_page(message: Message, written: Callable[[str, Options], str] = format_magic) -> Page:
    """Return all that the catalog knows of a message, with an example that can be run as it is `written`."""
    blocks: list[Block] = [Title(message.event, message.summary), *availability(message)]
    blocks.append(Note(message.description))
    if message.options:
        ordered = sorted(message.options, key=lambda option: (not option.required, option.name == "id"))
        blocks.append(Terms(tuple(map(_option, ordered)), "Options"))
    blocks += _example(message, written)
    if message.fields:
        fields = tuple((field.name, field.type, field.meaning) for field in message.fields)
        blocks.append(Terms(fields, _fields_label(message)))
    if message.errors:
        blocks.append(Terms(tuple((failure.error, "", failure.when) for failure in message.errors), "Errors"))
    return Page((*blocks, *_notes(message)))


def availability(message: Message) -> list[Block]:
    """Return why servers do not do what a message says, where that is so."""
    if message.availability not in AVAILABILITY:
        return []
    return [Verdict(message.availability, AVAILABILITY[message.availability], "warning")]


def _example(message: Message, written: Callable[[str, Options], str]) -> Iterable[Block]:
    """Return the example as a line, and what it takes besides a sandbox's first world."""
    example = message.example
    yield Pre(written(message.event, example.options), label=f"Example ({example.about})")
    if example.needs:
        yield Note(f"The example needs more than the sandbox has: {example.needs}")


def _fields_label(message: Message) -> str:
    return f"Fields of the response ({message.response})" if message.response else "Fields of the response"


def _option(option: Option) -> tuple[str, str, str]:
    if option.required:
        remark = f"{option.type}, required"
    elif option.default in (None, ""):
        remark = option.type
    else:
        remark = f"{option.type}, default {format_default(option.default)}"
    choices = f" One of {', '.join(option.choices)}." if option.choices else ""
    return option.name, remark, option.meaning + choices


def _notes(message: Message) -> Iterable[Note]:
    if message.text_option:
        yield Note(
            f"The whole cell as {message.text_option}: %%cocalc {message.event} {message.text_option}=-"
        )
    if message.confirm:
        yield Note(f"It asks first: {message.confirm}")
    if message.secret:
        yield Note(f"Never shown or kept: {', '.join(message.secret)}.")
    if message.generation != "v1":
        yield Note(_newer_servers(message))
        yield Note(_with_scoped_key(message))
        return
    years = [f"from {message.since}" if message.since else "", f"to {message.until}" if message.until else ""]
    if any(years):
        yield Note(f"Servers with the v1 API had it {' '.join(filter(None, years))}.")
    yield Note(_translation(message.event))
    yield Note(_translation_with_scoped_key(message.event))


def _newer_servers(message: Message) -> str:
    """Return which servers have a message of API v2 or conat, and which keys it takes."""
    first = catalog.generations.TABLE[message.generations[0]]
    since = f" (this one from {message.since})" if message.since > first.since else ""
    has = f"Only for servers with {first.era}{since}."
    keys = message.key if message.key in ("none", "any, or none") else f"that of an {message.key}"
    return f"{has} Key: {keys.replace('an project', 'a project')}."


def _translation(event: str) -> str:
    """Return how a v1 message is translated for servers that no longer have it."""
    translation = translate.translation_of(event, ())
    if translation is None:
        reason, nearest = translate.refusal_of(event, ())
        return " ".join(["Servers of today cannot do it:", reason, nearest]).strip()
    ways = " or ".join(route.to[0] for route in translation.routes)
    lost = translation.routes[0].lost
    missing = f" Not quite as before: {lost}." if lost else ""
    return f"Servers of today do it by {ways}, which is chosen by itself.{missing}"


_THERE = catalog.generations.SCOPED
_SCOPED = " or ".join(generation.label for generation in catalog.generations.of(_THERE))


def _with_scoped_key(message: Message) -> str:
    """Return who may send a message where keys are scoped, or what to use there instead."""
    if message.permission is None:
        reason, nearest = translate.refusal_of(message.event, _THERE)
        return " ".join([f"Not on {_SCOPED}:", reason, nearest]).strip()
    doubt = "" if message.permission.sure else " That is likely, not sure."
    return f"On {_SCOPED} {_sender(message.permission)}.{doubt}"


def _sender(wanted: Permission) -> str:
    if wanted.key and wanted.capabilities:
        return f"a key needs {_capabilities(wanted)}"
    if wanted.key:
        return "it takes any key, or none" if wanted.nobody else "it takes any key"
    if wanted.session:
        return "it is not for keys: %cocalc login signs a person in for it"
    return "it is not for keys: people do it in a browser"


def _capabilities(wanted: Permission) -> str:
    """Return the capabilities that a key needs, with the options whose projects it needs them for."""
    if wanted.other_project:
        pairs = zip(wanted.capabilities, wanted.projects, strict=True)
        return " and ".join(f"{capability} for {option}" for capability, option in pairs)
    names = " and ".join(wanted.capabilities)
    return f"{names} for the project" if wanted.project else names


def _translation_with_scoped_key(event: str) -> str:
    """Return how a v1 message is translated where keys are scoped, and what it needs."""
    translation = translate.translation_of(event, _THERE)
    if translation is None:
        reason, nearest = translate.refusal_of(event, _THERE)
        return " ".join([f"{_SCOPED} cannot do it:", reason, nearest]).strip()
    routes = translation.possible(_THERE)
    ways = dict.fromkeys(f"by {route.to[0]}, where {_route_sender(route.to)}" for route in routes)
    lost = f" Not quite as before: {routes[0].lost}." if routes[0].lost else ""
    return f"{_SCOPED} does it {'; or '.join(ways)}.{lost}"


def _route_sender(events: Iterable[str]) -> str:
    wanted = [message.permission for message in map(catalog.find, events) if message.permission]
    return _sender(max(wanted, key=lambda permission: len(permission.capabilities)))


def events_page(generation: str = "v1") -> Page:
    """Return the events of one generation by subject, with their summaries."""
    messages = catalog.messages(generation)
    others = [name for name in catalog.GENERATIONS if name != generation]
    return Page(
        (
            *_by_subject(messages.values()),
            *_marks(messages.values()),
            Note(f"The others: {' and '.join(f'%cocalc events {name}' for name in others)}."),
            Note(f"{len(messages)} events. %cocalc help EVENT describes one."),
        )
    )


def events_about(word: str) -> Page | None:
    """Return the events of all generations about a word; `None` if there are none."""
    messages = [message for message in catalog.all_messages() if is_about(message, word)]
    note = Note(f"{len(messages)} of {len(catalog.names())} events. %cocalc help EVENT describes one.")
    return Page((*_by_subject(messages), *_marks(messages), note)) if messages else None


def _by_subject(messages: Iterable[Message]) -> Iterable[Block]:
    rows: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for message in messages:
        row = (message.event, _mark(message), message.summary)
        rows.setdefault((message.subject, message.generations[0]), []).append(row)
    for (subject, generation), events in rows.items():
        label = catalog.generations.TABLE[generation].label
        by = f", by {label}" if label else ""
        yield Terms(tuple(events), f"{subject.capitalize()}{by} ({len(events)})")


def _marks(messages: Iterable[Message]) -> Iterable[Block]:
    """Return what the marks beside some of the events mean."""
    present = {message.availability for message in messages}
    marks = tuple((mark, "", meaning) for mark, meaning in AVAILABILITY.items() if mark in present)
    return [Terms(marks, "What the marks mean")] if marks else []


def _mark(message: Message) -> str:
    return "" if message.availability == "open" else message.availability


def is_about(message: Message, word: str) -> bool:
    """Return whether a word is in the message's name, subject, summary or options."""
    texts = (message.event, message.subject, message.summary, *(option.name for option in message.options))
    return any(word.lower() in text.lower() for text in texts)


def option_page(name: str) -> Page | None:
    """Return what an option means to each message that takes it; `None` if none does."""
    rows = [
        (message.event, _option(option)[1], option.meaning)
        for message in catalog.all_messages()
        for option in message.options
        if option.name == name
    ]
    return Page((Title(name, f"an option of {len(rows)} messages"), Terms(tuple(rows)))) if rows else None
