"""Help from the catalog: one message, many, and what a word is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.wire import translate
from cocalc_magic.client.wire.translate import ERAS
from cocalc_magic.render.blocks import Block, Note, Pre, Terms, Title
from cocalc_magic.render.page import Page
from cocalc_magic.syntax.format import format_magic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.catalog import Message, Option

_STANDING = {
    "closed": "Servers of 2024 know the event and no longer take it over HTTP.",
    "gone": "Servers of 2024 do not know the event any more.",
    "unhandled": "Servers take the event and have nothing that runs it.",
}


_OF = {"v2": ", by API v2", "conat": ", by conat"}
ERAS_BEGIN = {"v2": "2021-10-01", "conat": "2025-08-29"}


def message_page(message: Message) -> Page:
    """All that the catalog knows of a message, with an example that can be run as it stands."""
    blocks: list[Block] = [Title(message.event, message.summary), Note(message.description)]
    if message.options:
        blocks.append(Terms(tuple(map(_option, message.options)), "Options"))
    blocks.append(
        Pre(format_magic(message.event, message.example.options), label=f"Example ({message.example.about})")
    )
    if message.fields:
        fields = tuple((field.name, field.type, field.meaning) for field in message.fields)
        blocks.append(Terms(fields, _fields_label(message)))
    if message.errors:
        blocks.append(Terms(tuple((failure.error, "", failure.when) for failure in message.errors), "Errors"))
    return Page((*blocks, *_notes(message)))


def _fields_label(message: Message) -> str:
    return f"Fields of the response ({message.response})" if message.response else "Fields of the response"


def _option(option: Option) -> tuple[str, str, str]:
    if option.required:
        remark = f"{option.type}, required"
    elif option.default in (None, ""):
        remark = option.type
    else:
        remark = f"{option.type}, default {option.default!r}"
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
        yield Note(_today(message))
        return
    years = [f"from {message.since}" if message.since else "", f"to {message.until}" if message.until else ""]
    if any(years):
        yield Note(f"Servers with the v1 API had it {' '.join(filter(None, years))}.")
    if message.availability in _STANDING:
        yield Note(_STANDING[message.availability])
    yield Note(_on_todays_servers(message.event))


def _today(message: Message) -> str:
    """Which servers have a message of today, and which keys it takes."""
    since = f" (this one from {message.since})" if message.since > ERAS_BEGIN[message.generation] else ""
    has = f"Only for servers with {ERAS[message.generation]}{since}."
    keys = message.key if message.key in ("none", "any, or none") else f"that of an {message.key}"
    return f"{has} Key: {keys.replace('an project', 'a project')}."


def _on_todays_servers(event: str) -> str:
    """How a v1 message is done by servers that do not know it any more."""
    found = translate.translations().get(event)
    if found is None:
        reason, nearest = translate.REFUSED[event]
        return " ".join(["Servers of today can't do it:", reason, nearest]).strip()
    ways = " or ".join(route.to[0] for route in found.routes)
    lost = found.routes[0].lost
    missing = f" Not quite as before: {lost}." if lost else ""
    return f"Servers of today do it by {ways}, which is chosen by itself.{missing}"


def events_page(generation: str = "v1") -> Page:
    """The events of one generation by subject, with their summaries."""
    found = catalog.messages(generation)
    others = [name for name in catalog.GENERATIONS if name != generation]
    return Page(
        (
            *_by_subject(found.values()),
            Note(f"The others: {' and '.join(f'%cocalc events {name}' for name in others)}."),
            Note(f"{len(found)} events. %cocalc help EVENT tells all about one."),
        )
    )


def events_about(word: str) -> Page | None:
    """The events of all generations that a word is about; ``None`` where there are none."""
    blocks: list[Block] = []
    count = 0
    for generation in catalog.GENERATIONS:
        found = [one for one in catalog.messages(generation).values() if is_about(one, word)]
        count += len(found)
        blocks += _by_subject(found)
    note = Note(f"{count} of {len(catalog.names())} events. %cocalc help EVENT tells all about one.")
    return Page((*blocks, note)) if count else None


def _by_subject(found: Iterable[Message]) -> Iterable[Block]:
    rows: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for message in found:
        row = (message.event, _mark(message), message.summary)
        rows.setdefault((message.subject, message.generation), []).append(row)
    for (subject, generation), of_it in rows.items():
        yield Terms(tuple(of_it), subject.capitalize() + _OF.get(generation, ""))


def _mark(message: Message) -> str:
    return "" if message.availability == "open" else message.availability


def is_about(message: Message, word: str) -> bool:
    """Whether a word stands in the message's name, subject, summary or options."""
    texts = (message.event, message.subject, message.summary, *(option.name for option in message.options))
    return any(word.lower() in text.lower() for text in texts)


def option_page(name: str) -> Page | None:
    """What an option of this name means to each message that takes it; ``None`` when none does."""
    rows = [
        (message.event, _option(option)[1], option.meaning)
        for generation in catalog.GENERATIONS
        for message in catalog.messages(generation).values()
        for option in message.options
        if option.name == name
    ]
    return Page((Title(name, f"an option of {len(rows)} messages"), Terms(tuple(rows)))) if rows else None
