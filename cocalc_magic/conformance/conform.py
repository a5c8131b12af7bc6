"""What is asked for: which servers, by which cases, and where the report goes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic import config
from cocalc_magic.conformance import report
from cocalc_magic.conformance.exchange import Side
from cocalc_magic.conformance.recordings import MAX_RECORDED, load
from cocalc_magic.conformance.run import compare_servers, compare_with_recording, compare_with_sandbox
from cocalc_magic.errors import CoCalcError, InvalidSyntax, KeyRequired
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from cocalc_magic.conformance.run import OnCase, Run


MAX_TIMEOUT = 3600


@dataclass(frozen=True)
class Conform:
    """One request for a report.

    Args:
        servers: One server by name or address, or two to be compared with each other.
        write: Send also what writes.
        cases: A file of recorded exchanges, in place of cases from the catalog.
        world: The accounts that these were made with.
        junit: Where the report goes as JUnit's XML.
        html: Where it goes as a page.
        timeout: Seconds for each request.
    """

    servers: tuple[str, ...]
    write: bool = False
    cases: str = ""
    world: str = ""
    junit: str = ""
    html: str = ""
    timeout: float = 30.0

    def run(self, on_case: OnCase | None = None) -> Run:
        """Ask, compare, and write the reports that are asked for.

        Raises:
            InvalidSyntax: What is asked for does not go together.
            CoCalcError: A server cannot be asked, or a file is not what it should be.
        """
        self._check()
        with ExitStack() as ends:
            run = self._replay(ends, on_case) if self.cases else self._compare(ends, on_case)
        if self.junit:
            _write(self.junit, report.junit(run))
        if self.html:
            _write(self.html, report.html_page(run).encode("utf-8", "replace"))
        return run

    def _check(self) -> None:
        if len(self.servers) not in (1, 2) or (self.cases and len(self.servers) == 2):
            raise InvalidSyntax("conform takes one server, or two that are compared with each other.")
        if not 0 < self.timeout < MAX_TIMEOUT:
            raise InvalidSyntax(f"--timeout takes seconds, from 0 to {MAX_TIMEOUT:,}.")
        if bool(self.cases) != bool(self.world):
            raise InvalidSyntax(
                "recorded cases go with the accounts they were made with.", "--cases FILE --world FILE"
            )
        if self.cases and not self.write:
            raise InvalidSyntax(
                "recorded cases change the server that they are sent to.",
                "For one that may be thrown away: --write",
            )

    def _compare(self, ends: ExitStack, on_case: OnCase | None) -> Run:
        sides = [_side(server, self.timeout) for server in self.servers]
        for side in sides:
            ends.callback(side.close)
        if len(sides) == 2:
            return compare_servers(*sides, write=self.write, on_case=on_case)
        return compare_with_sandbox(sides[0], write=self.write, on_case=on_case)

    def _replay(self, ends: ExitStack, on_case: OnCase | None) -> Run:
        """Send recorded cases, by the keys of their accounts alone."""
        cases = load(typed_path(self.cases), typed_path(self.world))
        side = Side(config.at(self.servers[0]), None, self.timeout, max_bytes=MAX_RECORDED)
        ends.callback(side.close)
        return compare_with_recording(side, cases, Path(self.cases).name, on_case)


def _side(name: str, timeout: float) -> Side:
    """Return a server with the person's key for it, or without one where there is none."""
    try:
        server, key = config.connection(name)
    except KeyRequired:
        return Side(config.at(name), None, timeout)
    return Side(server, key, timeout)


def _write(path: str, content: bytes) -> None:
    try:
        typed_path(path).write_bytes(content)
    except OSError as problem:
        raise CoCalcError(f"{path} cannot be written: {problem.strerror}.") from None
