"""What Tab may offer, from what is known without a request: events, servers, projects, variables, files."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from inspect import isclass, ismodule, isroutine
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cocalc_magic import catalog
from cocalc_magic.config import servers_file
from cocalc_magic.errors import CoCalcError
from cocalc_magic.response import Response
from cocalc_magic.sanitize import visible_line
from cocalc_magic.sanitize.file_names import typed_path
from cocalc_magic.syntax.format import format_title, format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True)
class Offer:
    """One completion: the text that replaces the fragment, and what it is, in one word.

    `by_words` says that it was chosen by more than its beginning.
    """

    text: str
    kind: str
    by_words: bool = False


@dataclass(frozen=True)
class Known:
    """What is known without a request: variables of the notebook, titles of projects by id, servers."""

    names: Mapping[str, Any]
    titles: Mapping[str, str]
    servers: Iterable[str] = ()


def offers_of(kind: str, texts: Iterable[str]) -> Iterator[Offer]:
    """Offer texts of one kind."""
    return (Offer(text, kind) for text in texts)


def server_names() -> list[str]:
    """Return the names of the servers that are known here."""
    try:
        return [servers_file.SANDBOX, *servers_file.load().all()]
    except CoCalcError:  # a broken file, which the next message will report
        return [servers_file.SANDBOX]


def events(fragment: str) -> Iterable[str]:
    """Return the v1 events, which work everywhere; all events once something is typed."""
    return catalog.names() if fragment else catalog.messages()


def projects(fragment: str, known: Known) -> Iterator[Offer]:
    """Offer titles that have the typed words, in the quotes that were opened, those that begin so first.

    A project is offered by its id if that was begun, or if no title of its own can be seen.
    """
    quote = fragment[:1] if fragment[:1] in ("'", '"') else ""
    words = bare(fragment)
    count = Counter(known.titles.values())
    usable = {key for key, title in known.titles.items() if title.strip() and is_visible(title)}
    titles = [known.titles[key] for key in known.titles if key in usable and count[known.titles[key]] == 1]
    titles.sort(key=lambda title: not bare(title).startswith(words))  # stable: then as they were listed
    for title in titles:
        if all(word in bare(title) for word in words.split()):
            yield Offer(format_title(title, quote), "project", by_words=True)
    for project_id, title in known.titles.items():
        begun = bool(words) and project_id.startswith(words)
        nameless = words in bare(title) and (project_id not in usable or count[title] > 1)
        if begun or nameless:
            yield Offer(project_id, "id", by_words=True)


def variables(known: Known, text: str, *, ids: bool = False) -> Iterator[Offer]:
    """Offer variables with a value to send; with `ids` those that hold an id, and after a `$` the others."""
    holders = [name for name in sorted(known.names) if _is_own(name, known.names[name])]
    if ids:
        holding = [name for name in holders if _holds_id(known.names[name])]
        holders = holding + [name for name in holders if text.startswith("$") and name not in holding]
    return offers_of("variable", (f"${name}" for name in holders))


def _is_own(name: str, value: Any) -> bool:
    return not (name.startswith("_") or ismodule(value) or isroutine(value) or isclass(value))


def _holds_id(value: Any) -> bool:
    """Return whether a value names a project: an id, or a response or record that has one."""
    if isinstance(value, dict | Response):
        value = value.get("project_id")
    return isinstance(value, str | UUID) and catalog.is_uuid(str(value))


def files(text: str) -> Iterator[str]:
    """Yield the paths of this machine that begin so."""
    end = max(text.rfind("/"), text.rfind(os.sep)) + 1
    folder, start = text[:end], text[end:]
    try:
        paths = sorted(typed_path(folder or ".").iterdir())
    except OSError:
        return
    for path in paths[:1000]:
        if path.name.startswith(start) and (start or not path.name.startswith(".")):
            yield folder + path.name


def local_files(fragment: str) -> Iterator[Offer]:
    """Offer files and folders of this machine whose paths begin so."""
    return offers_of("file", map(format_value, files(fragment.strip("'\""))))


def is_visible(text: str) -> bool:
    """Tell whether a text hides nothing and steers nothing where it is shown."""
    return visible_line(text) == text and text.isprintable()


def bare(text: str) -> str:
    """Return a text as it is compared: in lower case, without quotes."""
    return text.lower().replace('"', "").replace("'", "")
