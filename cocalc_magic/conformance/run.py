"""Ask a server all cases, and compare its answers with those of a reference or of a recording."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cocalc_magic.catalog import GENERATIONS
from cocalc_magic.config.sandbox_process import EmbeddedSandbox
from cocalc_magic.conformance import compare
from cocalc_magic.conformance.cases import PERSON, catalog_cases
from cocalc_magic.conformance.compare import DIFFERENT, NOT_ASKED, SAME, SHAPE
from cocalc_magic.conformance.exchange import Answer, Side
from cocalc_magic.conformance.published import known_difference
from cocalc_magic.conformance.recordings import Ids, shortened
from cocalc_magic.conformance.safety import unsafe
from cocalc_magic.conformance.worlds import is_other_world, make_project, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cocalc_magic.conformance.cases import Case

    OnCase = Callable[[int, int], None]

_NOT_PLAYED = ("not answered by the sandbox", "the sandbox does not do")
OWN_DATA = "the fields and types are the same, the values are its own"


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
        return _compare(side, reference, words, apis, write, on_case, played=True)


def compare_servers(side: Side, other: Side, *, write: bool = False, on_case: OnCase | None = None) -> Run:
    """Compare a server with another one, by the APIs that both speak; see `compare_with_sandbox`."""
    apis = spoken(side) & spoken(other)
    return _compare(side, other, other.server.name, apis, write, on_case, played=False)


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
        return _judged(case, expected, answer, known_difference(case.generation, case.name))


def _compare(
    side: Side,
    reference: Side,
    words: str,
    apis: frozenset[str],
    write: bool,
    on_case: OnCase | None,
    *,
    played: bool,
) -> Run:
    began, cases = time.monotonic(), catalog_cases(apis)
    other_world = is_other_world(side, reference)
    not_sent = {case.name: "there is no key" for case in cases if case.sender == PERSON and not side.key}
    if write:
        make_project(side, apis)
        make_project(reference, apis)
    else:
        with _sandbox(apis) as scout:
            not_sent |= unsafe([case for case in cases if case.name not in not_sent], scout)
    pairs: list[tuple[Result, Answer, Answer]] = []
    for place, case in enumerate(cases):
        if on_case:
            on_case(place, len(cases))
        pairs.append(_asked(case, side, reference, not_sent.get(case.name, ""), other_world, played))
    return Run(side.server.name, words, _with_headers(pairs), time.monotonic() - began)


def _asked(
    case: Case, side: Side, reference: Side, why_not: str, other_world: bool, played: bool
) -> tuple[Result, Answer, Answer]:
    """Ask both for a case, unless something speaks against it; of the answers only headers are kept."""
    nothing = Answer(None)
    if why_not:
        return Result(case, NOT_ASKED, why_not), nothing, nothing
    expected = reference.ask(case)
    if played and any(words in str(expected.value) for words in _NOT_PLAYED):
        return Result(case, NOT_ASKED, "the sandbox does not answer it either"), nothing, nothing
    answer = side.ask(case)
    known = known_difference(case.generation, case.name, case.event) if other_world else ""
    result = _judged(case, expected, answer, known)
    if result.differs and result.verdict == SHAPE and other_world and not answer.failed:
        result = replace(result, why=OWN_DATA)
    return result, replace(expected, value=None), replace(answer, value=None)


def _judged(case: Case, expected: Answer, answer: Answer, known: str) -> Result:
    verdict = compare.verdict(expected, answer)
    if verdict == SAME:
        return Result(case, SAME)
    return Result(case, verdict, known, compare.difference(expected, answer))


def _with_headers(pairs: list[tuple[Result, Answer, Answer]]) -> list[Result]:
    """Return the results, with the headers compared as well: which are usual is known at the end."""
    expected, answers = [pair[1] for pair in pairs], [pair[2] for pair in pairs]
    usual = compare.usual_headers(answers, expected)
    return [
        Result(result.case, DIFFERENT, "", lines)
        if result.verdict == SAME and (lines := compare.header_difference(due, came, usual))
        else result
        for result, due, came in pairs
    ]


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
