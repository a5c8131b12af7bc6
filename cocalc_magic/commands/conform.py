"""`conform`: how far a server answers as CoCalc does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.records import RecordsPage, records_page
from cocalc_magic.errors import InvalidSyntax

if TYPE_CHECKING:
    from cocalc_magic.session.session import Session

FLAGS = {
    "--write": False,
    "--cases": True,
    "--world": True,
    "--junit": True,
    "--html": True,
    "--timeout": True,
}


def conform(session: Session, argv: list[str]) -> RecordsPage:
    """Compare a server with a fresh sandbox, another server or recordings; the value has a record a case."""
    from cocalc_magic.conformance import report  # late, both: other commands need none of it
    from cocalc_magic.conformance.conform import Conform

    words, flags = parse_args("conform", argv, FLAGS)
    servers = tuple(session.choice(word).server for word in words or [""])
    files = {name: flags.get(name, "") for name in ("cases", "world", "junit", "html")}
    request = Conform(servers, write="write" in flags, timeout=_seconds(flags.get("timeout")), **files)
    done: list[int] = [0, 0]

    def count(place: int, total: int) -> None:
        done[:] = place, total

    with session.frontend.progress("conform", servers[0], lambda: "{:,} of {:,} cases".format(*done)):
        run = request.run(count)
    return records_page(report.COLUMNS, report.records(run), report.blocks(run), session.frontend.keep)


def _seconds(text: str | None) -> float:
    try:
        return 30.0 if text is None else float(text)
    except ValueError:
        raise InvalidSyntax(f"--timeout takes seconds, not {text!r}.") from None
