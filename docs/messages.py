"""The reference, from the catalog: a page a message, lists, tables of `query`, commands, deviations."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from cocalc_magic import catalog, snippets
from cocalc_magic.commands.synopsis import SYNOPSES
from cocalc_magic.render.blocks import Pre
from cocalc_magic.render.help import AVAILABILITY, message_page
from cocalc_magic.response import Request
from cocalc_magic.syntax.flags import FLAGS
from docs.markdown import code, fence, markdown, plain, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cocalc_magic.catalog import Message, Table

CONFORMANCE = Path(__file__).parents[1] / "conformance"
FOLDER = "reference/messages"
COMMANDS = """\
# Commands

What `%cocalc` does besides sending messages; `cocalc-magic` in a shell does the same, but for what needs a
notebook. `%cocalc help NAME` says it there.
"""
DEVIATIONS = """\
# Deviations

Where the sandbox answers otherwise than the recorded servers on purpose, and where other servers may answer
otherwise than the sandbox. The tests hold it to the first list in both directions.
"""
TABLES = """\
# Tables

What `query` reads and writes, and who may. `/user-query` of today's servers has them, too.
"""
MESSAGES = """\
# Messages

{count} messages, each with a page: its options, an example in every language, what comes back, which servers
have it, and what a key needs for it. They are generated from the catalog, which `%cocalc help` reads too.
Some are in several generations, so that the numbers below add up to more.
"""
OLDEST_SERVER, SERVER = "https://cocalc.example.edu", "https://cocalc.ai"
"""Servers for examples: of messages that the first API has, and of others."""

_EVENT = re.compile(r"(?<![\w`/.\[-])(?:/[a-z][\w-]*|[\w-]+(?:[./:]|\\?_)[\w-]+)(?:(?:[./:]|\\?_)[\w-]+)*")
"""What may be the name of a message, in Markdown: of several words or with a slash, outside of code."""
_FLAG = re.compile(r"(?<![\w`-])--[a-z][\w-]*")


def slug(event: str) -> str:
    """Return the name of a message's page, as part of an address."""
    return re.sub(r"[/:]", "-", event).strip("-")


@cache
def places() -> dict[str, str]:
    """Return the page of each message, below the folder of messages."""
    return {
        message.event: f"{message.generations[0]}/{slug(message.event)}" for message in catalog.all_messages()
    }


def pages() -> Iterator[tuple[str, str]]:
    """Yield every generated page: its path and its Markdown."""
    for message in catalog.all_messages():
        yield f"{FOLDER}/{places()[message.event]}.md", page(message)
    for generation in catalog.GENERATIONS:
        yield f"{FOLDER}/{generation}.md", index(generation)
    yield f"{FOLDER}/index.md", overview()
    yield "reference/tables.md", tables()
    yield "reference/commands.md", commands()
    yield "understand/deviations.md", deviations()


def page(message: Message) -> str:
    """Return the page of a message: its help, and its example as curl and as Python."""
    parts = []
    for block in message_page(message).blocks:
        parts.append(markdown(block) if isinstance(block, Pre) else linked(markdown(block), message.event))
        if isinstance(block, Pre):
            parts += in_other_words(message)
    return "---\norphan: true\n---\n\n" + "\n".join([*parts, servers(message)])


def in_other_words(message: Message) -> Iterator[str]:
    """Yield the example in curl, and in Python with and without this package."""
    url = OLDEST_SERVER if message.generations[0] == catalog.GENERATIONS[0] else SERVER
    options = Request(message.event, message.example.options, message.secret).shown()
    for name, write, language in (
        ("By curl", snippets.curl, "bash"),
        ("In Python", snippets.python, "python"),
        ("By requests", snippets.requests, "python"),
    ):
        yield f"### {name}\n\n{fence(write(url, message.event, options), language)}"


def servers(message: Message) -> str:
    """Return which generations have the message, as links."""
    links = (
        f"[{generation}](../{generation}.md): {plain(catalog.generations.TABLE[generation].era)}"
        for generation in message.generations
    )
    return "## Servers\n\n" + "".join(f"- {link}\n" for link in links)


def linked(text: str, own: str) -> str:
    """Return Markdown in which other messages are links to their pages."""

    def link(match: re.Match[str]) -> str:
        event = match[0].replace("\\", "")
        known = event in places() and event != own
        return f"[{match[0]}](../{places()[event]}.md)" if known else match[0]

    return "\n".join(line if line.startswith("#") else _EVENT.sub(link, line) for line in text.split("\n"))


def index(generation: str) -> str:
    """Return the list of a generation's messages, by subject."""
    messages = [catalog.get(event, generation) for event in catalog.messages(generation)]
    subjects: dict[str, list[Message]] = {}
    for message in messages:
        if message:
            subjects.setdefault(message.subject, []).append(message)
    era = catalog.generations.TABLE[generation].era
    head = f"# Messages of {generation}\n\n{len(messages)} messages: {plain(era)}.\n"
    return "\n".join(
        [head, *(f"## {plain(name.capitalize())}\n\n{listing(rows)}" for name, rows in subjects.items())]
    )


def listing(messages: Iterable[Message]) -> str:
    """Return a table of messages with links to their pages."""
    rows = (
        (f"[{code(message.event)}]({places()[message.event]}.md)", plain(message.summary) + remark(message))
        for message in messages
    )
    return table(("Message", "Does"), rows)


def remark(message: Message) -> str:
    """Return what is not as usual with a message, in a word."""
    return f" *{message.availability}*" if message.availability in AVAILABILITY else ""


def overview() -> str:
    """Return the page that leads to the lists."""
    rows = (
        (f"[{name}]({name}.md)", str(len(catalog.messages(name))), plain(generation.era))
        for name, generation in catalog.generations.TABLE.items()
    )
    marks = "".join(f"- *{mark}*: {plain(meaning)}\n" for mark, meaning in AVAILABILITY.items())
    return (
        f"{MESSAGES.format(count=len(places()))}\n"
        f"{table(('Generation', 'Messages', 'Servers'), rows)}\n"
        f"Marks beside some of them:\n\n{marks}\n"
        f"```{{toctree}}\n:hidden:\n{chr(10).join(catalog.GENERATIONS)}\n```\n"
    )


def tables() -> str:
    """Return the page of all tables that `query` reaches."""
    old, new = catalog.tables("v1"), catalog.tables("v2")
    parts = [TABLES]
    for name in sorted({*old, *new}):
        entry = new.get(name) or old[name]
        era = "" if name in old and name in new else f" Servers of {'today' if name in new else 'v1'} alone."
        parts.append(f"## {plain(name)}\n\n{plain(entry.about)}{era}\n\n{columns(entry)}")
    return "\n".join(parts)


def columns(entry: Table) -> str:
    """Return the fields of a table: their kind, and what may be done with them."""
    rows = (
        (
            code(column.name) + (" (key)" if column.name in entry.key else ""),
            column.kind,
            ", ".join(word for word, true in (("read", column.readable), ("write", column.writable)) if true),
        )
        for column in entry.columns
    )
    return table(("Field", "Kind", "For"), rows)


def commands() -> str:
    """Return the page of all commands and flags, from their help."""
    parts = [COMMANDS]
    for name, synopsis in SYNOPSES.items():
        parts.append(f"## {name}\n\n{plain(synopsis.meaning[:1].upper() + synopsis.meaning[1:])}.\n")
        parts.append(fence(f"%cocalc {name} {synopsis.words}".strip(), "ipython"))
        parts += (_FLAG.sub(r"`\g<0>`", f"{plain(line)}\n") for line in synopsis.more.splitlines())
    rows = ((code(" ".join(flag.names)), code(flag.value), plain(flag.meaning)) for flag in FLAGS)
    return "\n".join([*parts, "## Flags of a message\n", table(("Flag", "Value", "Does"), rows)])


def deviations() -> str:
    """Return the page of what the sandbox does otherwise on purpose, with reasons."""
    parts = [DEVIATIONS]
    for file, head in (("deviations.yaml", "Recorded cases"), ("known.yaml", "Messages on other servers")):
        for name, entries in yaml.safe_load((CONFORMANCE / file).read_text("utf-8")).items():
            rows = ((code(case), plain(reason)) for case, reason in entries.items())
            parts.append(f"## {head}: {plain(name)}\n\n{table(('Case', 'Reason'), rows)}")
    return "\n".join(parts)
