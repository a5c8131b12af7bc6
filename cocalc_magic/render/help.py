"""Help from the catalog: one message, many, and what a word is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.render.blocks import Block, Note, Pre, Terms, Title
from cocalc_magic.render.page import Page
from cocalc_magic.values.formatting import format_magic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.catalog import Message, Option

_STANDING = {
    "closed": "Servers of 2024 know the event and no longer take it over HTTP.",
    "gone": "Servers of 2024 do not know the event any more.",
    "unhandled": "Servers take the event and have nothing that runs it.",
}


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
        blocks.append(Terms(fields, f"Fields of the response ({message.response})"))
    if message.errors:
        blocks.append(Terms(tuple((failure.error, "", failure.when) for failure in message.errors), "Errors"))
    return Page((*blocks, *_notes(message)))


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
    years = [f"from {message.since}" if message.since else "", f"to {message.until}" if message.until else ""]
    if any(years):
        yield Note(f"Servers with the v1 API had it {' '.join(filter(None, years))}.")
    if message.standing in _STANDING:
        yield Note(_STANDING[message.standing])


def events_page(word: str = "") -> Page:
    """The events by subject with their summaries; those about a word, where one is given."""
    found = [message for message in catalog.messages().values() if is_about(message, word)]
    subjects = dict.fromkeys(message.subject for message in found)
    blocks: list[Block] = [
        Terms(
            tuple(
                (message.event, _mark(message), message.summary)
                for message in found
                if message.subject == subject
            ),
            subject.capitalize(),
        )
        for subject in subjects
    ]
    total = len(catalog.messages())
    count = f"{len(found)} of {total} events" if word else f"{total} events"
    return Page((*blocks, Note(f"{count}. %cocalc help EVENT tells all about one.")))


def _mark(message: Message) -> str:
    return "" if message.standing == "open" else message.standing


def is_about(message: Message, word: str) -> bool:
    """Whether a word stands in the message's name, subject, summary or options."""
    texts = (message.event, message.subject, message.summary, *(option.name for option in message.options))
    return any(word.lower() in text.lower() for text in texts)


def option_page(name: str) -> Page | None:
    """What an option of this name means to each message that takes it; ``None`` when none does."""
    rows = [
        (message.event, _option(option)[1], option.meaning)
        for message in catalog.messages().values()
        for option in message.options
        if option.name == name
    ]
    return Page((Title(name, f"an option of {len(rows)} messages"), Terms(tuple(rows)))) if rows else None
