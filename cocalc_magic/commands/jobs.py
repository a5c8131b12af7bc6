"""`jobs`: bulk work of this kernel that goes on, and what is kept on this machine of all that was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.records import records_page
from cocalc_magic.errors import InvalidSyntax, InvalidValue
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.humanize import moment
from cocalc_magic.render.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.bulk.journals import Kept
    from cocalc_magic.session.jobs import Job
    from cocalc_magic.session.session import Session

_COLUMNS = ("job", "event", "server", "state", "names", "folder", "changed")
_FLAGS = {"--stop": True, "--forget": True}
_KEPT = (
    "Journals hold the names of rows and what came back; only you can read them. %cocalc jobs --forget JOB"
)


def jobs(session: Session, argv: list[str]) -> Page:
    """List the jobs of this kernel, and all journals; `--stop` ends a job, `--forget` removes a journal."""
    words, flags = parse_args("jobs", argv, _FLAGS)
    if words or len(flags) > 1:
        raise InvalidSyntax("jobs takes one flag.", "Write %cocalc jobs, --stop NUMBER, or --forget JOB|all")
    if "stop" in flags:
        return _stop(session, flags["stop"])
    if "forget" in flags:
        return _forget(flags["forget"])
    from cocalc_magic.bulk.journals import kept  # late, as it loads SQLite

    records = [*map(_of_kernel, session.jobs), *map(_of_disk, kept())]
    note = _KEPT if records else "Nothing was sent with --each on this machine, or nothing is kept of it."
    return records_page(_COLUMNS, records, [Note(note)], session.frontend.keep)


def _forget(id_: str) -> Page:
    from cocalc_magic.bulk.journals import forget_kept  # as above

    count = len(forget_kept(id_))
    return Page(
        (Note(f"Removed {count} journal{'' if count == 1 else 's'}; the same lines send all rows now."),)
    )


def _stop(session: Session, number: str) -> Page:
    job = next((job for job in session.jobs if str(job.number) == number), None)
    if job is None:
        raise InvalidValue(f"this kernel has no job {number!r}.", "%cocalc jobs lists them by their numbers.")
    job.stop()
    return Page((Note(f"Job {number} finishes what is under way, and sends nothing more."),))


def _of_kernel(job: Job) -> dict[str, str]:
    values = (str(job.number), job.event, job.server, job.line, "", "", moment(job.began))
    return dict(zip(_COLUMNS, values, strict=True))


def _of_disk(journal: Kept) -> dict[str, str]:
    about = journal.about
    state = journal.problem or ", ".join(_counts(journal)) or "nothing sent"
    values = (
        journal.id,
        about.event,
        about.server,
        state,
        _names(journal),
        about.folder,
        moment(journal.changed),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _counts(journal: Kept) -> Iterator[str]:
    for state, count in sorted(journal.counts.items(), key=lambda pair: pair[0] != "done"):
        yield f"{count:,} {state}"


def _names(journal: Kept) -> str:
    more = sum(journal.counts.values()) - len(journal.names)
    return ", ".join(journal.names) + (f" and {more:,} more" if more > 0 else "")
