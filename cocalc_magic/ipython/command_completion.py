"""What Tab offers behind the name of a command: actions, flags, and what these take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.commands.course_room import EVERYWHERE
from cocalc_magic.commands.course_room import FLAGS as COURSE_FLAGS
from cocalc_magic.ipython.offers import Known, Offer, events, local_files, offers_of, projects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CONFORM_FLAGS = ("--write", "--cases", "--world", "--junit", "--html", "--timeout")
RECORD_FLAGS = ("--stop", "--leave-out", "--discard")
REPLAY_FLAGS = ("--strict", "--expires", "--expired", "--stop", "--diff", "--server")
JOBS_FLAGS = ("--stop", "--forget")
COURSE_FILES = ("init", "handout", "return", "--file", "--into", "--csv", "--html", "--archive")
TRANSFER_FLAGS = ("--project", "--to", "--force", "--quiet", "--server")


def in_command(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer what stands behind a command, or behind several words of it."""
    command = " ".join(words)
    offers = _BEHIND.get(command) or _AFTER.get(words[0])
    return offers(words, fragment, known) if offers else ()


def _in_conform(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer servers, flags, and files after those that take one."""
    if fragment.startswith("-"):
        return offers_of("flag", CONFORM_FLAGS)
    if words[-1] in ("--cases", "--world", "--junit", "--html"):
        return local_files(fragment)
    return () if words[-1] == "--timeout" else offers_of("server", known.servers)


def _in_course(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer actions, their flags, servers, and files of this machine where an action takes one."""
    if len(words) == 1:
        return offers_of("command", COURSE_FLAGS)
    if fragment.startswith("-"):
        return offers_of("flag", {**COURSE_FLAGS.get(words[1], {}), **EVERYWHERE})
    if words[-1] == "--server":
        return offers_of("server", known.servers)
    return local_files(fragment) if words[-1] in COURSE_FILES else ()


def _in_transfer(words: list[str], fragment: str) -> Iterable[Offer]:
    """Offer flags, and files of this machine: those to upload, and the folder to download to."""
    if fragment.startswith("-"):
        return offers_of("flag", TRANSFER_FLAGS)
    here = words[-1] == "--to" if words[0] == "download" else words[-1] not in ("--to", "--server")
    return local_files(fragment) if here else ()


def _in_cassette(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer flags, what stands behind them, and the file of a recording."""
    if fragment.startswith("-"):
        return offers_of("flag", RECORD_FLAGS if words[0] == "record" else REPLAY_FLAGS)
    if words[-1] == "--server":
        return offers_of("server", known.servers)
    if words[-1] == "--expired":
        return offers_of("value", ("warn", "error"))
    return local_files(fragment) if len(words) == 1 else ()


def _servers(_: list[str], __: str, known: Known) -> Iterable[Offer]:
    return offers_of("server", known.servers)


def _projects(_: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    return projects(fragment, known)


def _files(_: list[str], fragment: str, __: Known) -> Iterable[Offer]:
    return local_files(fragment)


def _events(_: list[str], fragment: str, __: Known) -> Iterable[Offer]:
    return offers_of("event", events(fragment))


def _exercises(*_: object) -> Iterable[Offer]:
    from cocalc_magic.lessons.shipped import shipped_exercises  # late: few sessions have exercises

    return offers_of("value", shipped_exercises())


def _doc_pages(*_: object) -> Iterable[Offer]:
    from cocalc_magic.docs.pages import doc_pages  # late: it reads all pages

    return offers_of("value", (page.name.rpartition("/")[2] for page in doc_pages()))


if TYPE_CHECKING:
    _Offering = Callable[[list[str], str, Known], Iterable[Offer]]

_AFTER: Mapping[str, _Offering] = {
    **dict.fromkeys(("help", "form", "explore"), _events),
    "events": lambda *_: offers_of("event", (*catalog.GENERATIONS, *catalog.messages())),
    "use": _projects,
    "pack": _files,
    "conform": _in_conform,
    "course": _in_course,
    **dict.fromkeys(("record", "replay"), _in_cassette),
    **dict.fromkeys(("upload", "download"), lambda words, fragment, _: _in_transfer(words, fragment)),
    **dict.fromkeys(("login", "logout"), _servers),
}
_BEHIND: Mapping[str, _Offering] = {
    "check": _exercises,
    "docs": _doc_pages,
    "open": _projects,
    "jobs": lambda *_: offers_of("flag", JOBS_FLAGS),
    "scope": _files,
    "server": lambda *_: offers_of("command", ("list", "add", "use", "remove")),
    **dict.fromkeys(("server use", "server remove"), _servers),
}
