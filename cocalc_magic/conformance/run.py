"""Ask a server all cases, and compare its answers with those of a reference or of a recording."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cocalc_magic.catalog import GENERATIONS
from cocalc_magic.config.sandbox_process import EmbeddedSandbox
from cocalc_magic.conformance import compare
from cocalc_magic.conformance.answer import Answer
from cocalc_magic.conformance.cases import PERSON, catalog_cases
from cocalc_magic.conformance.compare import DIFFERENT, NOT_ASKED, SAME, SHAPE
from cocalc_magic.conformance.exchange import Side
from cocalc_magic.conformance.published import known_difference
from cocalc_magic.conformance.recordings import Ids, shortened
from cocalc_magic.conformance.safety import unsafe
from cocalc_magic.conformance.worlds import is_other_world, make_project, spoken, without_projects
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cocalc_magic.conformance.cases import Case

    OnCase = Callable[[int, int], None]

_NOT_PLAYED = ("not answered by the sandbox", "the sandbox does not do")
OWN_DATA = "values of its own"


@dataclass(frozen=True)
class Result:
    """What came of one case.

    Args:
        case: The case.
        verdict: `same`, `same shape`, `different` or `not asked`.
        why: Why it was not asked, or why what differs does not count.
        difference: What differs, as lines of a diff.
    """

    case: Case
    verdict: str
    why: str = ""
    difference: str = ""

    @property
    def differs(self) -> bool:
        """Whether the server answers otherwise, and nothing says why it may."""
        return self.verdict in (SHAPE, DIFFERENT) and not self.why


@dataclass(frozen=True)
class Run:
    """The results of all cases on one server, and what it was compared with."""

    server: str
    reference: str
    results: Sequence[Result]
    seconds: float

    @property
    def differing(self) -> list[Result]:
        """The results that differ, and nothing says why they may."""
        return [result for result in self.results if result.differs]

    @property
    def exit_status(self) -> int:
        """0 where nothing differs but what is known, else 1."""
        return int(bool(self.differing))


def compare_with_sandbox(side: Side, *, write: bool = False, on_case: OnCase | None = None) -> Run:
    """Compare a server with a fresh sandbox of its generation, which is ended afterwards.

    Args:
        side: The server.
        write: Send also what writes.
        on_case: Called before each case with its place and the number of all.

    Raises:
        CoCalcError: The server cannot be asked, or the sandbox does not start.
    """
    apis = spoken(side)
    with _sandbox(apis) as reference:
        words = f"a fresh sandbox ({', '.join(name for name in GENERATIONS if name in apis)})"
        return _compared(Comparison(side, reference, by_sandbox=True), words, apis, write, on_case)


def compare_servers(side: Side, other: Side, *, write: bool = False, on_case: OnCase | None = None) -> Run:
    """Compare a server with another one, by the APIs that both speak; see `compare_with_sandbox`."""
    apis = spoken(side) & spoken(other)
    if not apis:
        raise CoCalcError(f"{side.server.name} and {other.server.name} speak no API in common.")
    return _compared(Comparison(side, other), other.server.name, apis, write, on_case)


def compare_with_recording(
    side: Side, cases: Iterable[Case], source: str, on_case: OnCase | None = None
) -> Run:
    """Send recorded cases, which write, and compare the answers with the recorded ones."""
    began, replay, cases = time.monotonic(), Replay(side), list(cases)
    results = []
    for place, case in enumerate(cases):
        if on_case:
            on_case(place, len(cases))
        results.append(replay.result(case))
    return Run(side.server.name, source, results, time.monotonic() - began)


class Replay:
    """Recorded cases sent to a server in their order; what it calls by other ids is followed."""

    def __init__(self, side: Side) -> None:
        self.side, self.ids = side, Ids()
        side.rename = self.ids.rename

    def result(self, case: Case) -> Result:
        """Send a case and compare the answer with the recorded one."""
        if case.skipped or case.expected is None:
            return Result(case, NOT_ASKED, case.skipped)
        sent = self.ids.rename(case.request).body.decode("utf-8", "replace").lower()
        answer = self.side.ask(case)
        self.ids.learn(case.expected.value, answer.value, sent)
        if not case.stable:
            return Result(case, NOT_ASKED, "sent, but real servers answer it now this way, now that way")
        expected = self.ids.translate(case.expected)
        answer = replace(answer, value=shortened(expected.value, answer.value))
        result = _judged(case, expected, answer)
        known = known_difference(case.generation, case.name)
        return replace(result, why=known) if result.differs else result


class Comparison:
    """Two servers that get the same cases, in the same order.

    Args:
        side: The server that is examined.
        reference: The server whose answers are due.
        by_sandbox: Whether that is a sandbox, which does not answer everything.
    """

    def __init__(self, side: Side, reference: Side, *, by_sandbox: bool = False) -> None:
        self.side, self._reference, self._by_sandbox = side, reference, by_sandbox
        self._other_world = is_other_world(side, reference)
        without_projects(side)
        without_projects(reference)
        self._results: list[tuple[Result, Answer, Answer]] = []

    def begin_writing(self, apis: frozenset[str]) -> None:
        """Make a project on both, which the examples are about from then on."""
        for side in (self.side, self._reference):
            make_project(side, apis)

    def ask(self, case: Case, why_not: str = "") -> None:
        """Ask both, unless something speaks against it; of the answers only headers are kept."""
        expected = self._reference.ask(case) if not why_not else Answer(None)
        if self._by_sandbox and any(words in str(expected.value) for words in _NOT_PLAYED):
            why_not = "the sandbox does not answer it either"
        if why_not:
            self._results.append((Result(case, NOT_ASKED, why_not), Answer(None), Answer(None)))
            return
        answer = self.side.ask(case)
        result = _judged(case, expected, answer)
        if result.differs and self._other_world:
            result = replace(result, why=self._excuse(result, answer))
        self._results.append((result, replace(expected, value=None), replace(answer, value=None)))

    def results(self) -> list[Result]:
        """Return the results, with the headers compared as well: which are usual is known at the end."""
        usual = compare.usual_headers(
            [came for _, _, came in self._results], [due for _, due, _ in self._results]
        )
        return [_with_headers(*entry, usual) for entry in self._results]

    def _excuse(self, result: Result, answer: Answer) -> str:
        """Return why a server with accounts of its own may answer otherwise; empty where it may not."""
        case = result.case
        if result.verdict == SHAPE and not answer.failed:
            return OWN_DATA
        return known_difference(case.generation, case.name, case.event) if self._by_sandbox else ""


def _compared(
    comparison: Comparison, words: str, apis: frozenset[str], write: bool, on_case: OnCase | None
) -> Run:
    began, cases, side = time.monotonic(), catalog_cases(apis), comparison.side
    not_sent = {case.name: "there is no key" for case in cases if case.sender == PERSON and not side.key}
    if write:
        comparison.begin_writing(apis)
    else:
        with _sandbox(apis) as scout:
            without_projects(scout)
            not_sent |= unsafe([case for case in cases if case.name not in not_sent], scout)
    for place, case in enumerate(cases):
        if on_case:
            on_case(place, len(cases))
        comparison.ask(case, not_sent.get(case.name, ""))
    return Run(side.server.name, words, comparison.results(), time.monotonic() - began)


def _judged(case: Case, expected: Answer, answer: Answer) -> Result:
    verdict = compare.verdict(expected, answer)
    return Result(case, verdict, difference="" if verdict == SAME else compare.difference(expected, answer))


def _with_headers(result: Result, due: Answer, came: Answer, usual: frozenset[str]) -> Result:
    """Return the result, which is another one where the headers differ."""
    lines = compare.header_difference(due, came, usual) if result.verdict == SAME else ""
    return Result(result.case, DIFFERENT, difference=lines) if lines else result


@contextmanager
def _sandbox(apis: frozenset[str]) -> Iterator[Side]:
    """Start a sandbox that speaks these APIs, and end it whatever happens."""
    from cocalc_magic.sandbox.http.api_versions import ALL, SPOKEN  # late: who uses a server needs none of it

    generation = next((name for name, spoken in SPOKEN.items() if apis == set(spoken)), ALL)
    process = EmbeddedSandbox()
    with ExitStack() as ends:
        ends.callback(process.stop)
        side = Side(*process.start("--generation", generation))
        ends.callback(side.close)
        yield side
