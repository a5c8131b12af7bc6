"""What came of a run: blocks for text and HTML, and JUnit's XML for the pages of a CI."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cocalc_magic.conformance.compare import DIFFERENT, NOT_ASKED, SAME, SHAPE
from cocalc_magic.render.blocks import Block, Column, Facts, Note, Pre, Table, Title, Verdict
from cocalc_magic.render.html import format_html
from cocalc_magic.sanitize import visible, visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cocalc_magic.conformance.run import Result, Run

VERDICTS = (SAME, SHAPE, DIFFERENT, NOT_ASKED)
MAX_DIFFERENCES = 20  # that are shown line by line
COLUMNS = ("case", "API", "verdict", "why")
_NOT_XML = re.compile("[\ufffe\uffff]")


def records(run: Run) -> list[dict[str, str]]:
    """Return a record for each case, first those that differ."""
    in_order = sorted(run.results, key=lambda result: (not result.differs, result.verdict == SAME))
    return [
        {
            "case": result.case.title,
            "API": result.case.generation,
            "verdict": result.verdict,
            "why": result.why,
        }
        for result in in_order
    ]


def blocks(run: Run) -> list[Block]:
    """Return the report: numbers, every case that differs, why others were not asked, and what differs."""
    return [
        Title("conform", f"{run.server} beside {run.reference}"),
        _verdict(run),
        _numbers(run),
        *_differing(run.differing),
        *_known(run.results),
        *_not_asked(run.results),
        *differences(run),
    ]


def differences(run: Run) -> list[Block]:
    """Return the first differences, line by line."""
    differing = run.differing
    shown = [
        Pre(result.difference, f"{result.case.title} ({result.verdict})", language="diff")
        for result in differing[:MAX_DIFFERENCES]
    ]
    more = len(differing) - len(shown)
    head = [Note("- is what was due, + what came.")] if shown else []
    return [*head, *shown, *([Note(f"{more} more cases differ.")] if more > 0 else [])]


def html_page(run: Run) -> str:
    """Return the report as a page that stands by itself."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>conform</title>\n'
        f"{format_html(blocks(run))}\n</html>\n"
    )


def junit(run: Run) -> bytes:
    """Return the report as JUnit's XML: a suite for each API, a test for each case."""
    root = ET.Element("testsuites", name="conform")
    for generation in dict.fromkeys(result.case.generation for result in run.results):
        results = [result for result in run.results if result.case.generation == generation]
        failures = sum(result.differs for result in results)
        skipped = sum(bool(result.why) for result in results)
        numbers = {"tests": len(results), "failures": failures, "errors": 0, "skipped": skipped}
        attributes = {"name": generation} | {name: str(number) for name, number in numbers.items()}
        suite = ET.SubElement(root, "testsuite", attributes)
        for result in results:
            _test(suite, result)
    document: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return document + b"\n"


def _test(suite: ET.Element, result: Result) -> None:
    case = result.case
    test = ET.SubElement(suite, "testcase", classname=case.generation, name=_xml(case.title))
    if result.why:
        ET.SubElement(test, "skipped", message=_xml(f"{result.verdict}: {result.why}"))
    elif result.differs:
        failure = ET.SubElement(test, "failure", message=result.verdict)
        failure.text = _xml(result.difference)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", visible(text))


def _verdict(run: Run) -> Verdict:
    counts = Counter(result.verdict for result in run.results)
    numbers = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in VERDICTS if counts[verdict])
    number = len(run.differing)
    if not number:
        return Verdict("conforms", f"{numbers}, in {run.seconds:.1f} s", "good")
    return Verdict("differs", f"in {number:,} of these: {numbers}, in {run.seconds:.1f} s", "error")


def _numbers(run: Run) -> Table:
    """Return the table of verdicts by API."""
    rows = []
    for generation in dict.fromkeys(result.case.generation for result in run.results):
        counts = Counter(result.verdict for result in run.results if result.case.generation == generation)
        rows.append((generation, *(f"{counts[verdict]:,}" for verdict in VERDICTS)))
    columns = (Column("API"), *(Column(verdict, numeric=True) for verdict in VERDICTS))
    return Table(columns, tuple(rows), len(rows), len(columns))


def _differing(results: Sequence[Result]) -> Iterator[Pre]:
    """Return the name of each case that differs, in full: what a table shows is cut."""
    lines = [f"{result.verdict:10}  {visible_line(result.case.title)}" for result in results]
    if lines:
        yield Pre("\n".join(lines), f"Differs: {len(lines)}")


def _known(results: Sequence[Result]) -> Iterator[Pre]:
    lines = [
        f"{result.verdict:10}  {visible_line(result.case.title)}: {result.why}"
        for result in results
        if result.why and result.verdict != NOT_ASKED
    ]
    if lines:
        yield Pre("\n".join(lines), f"Differs as is known: {len(lines)}")


def _not_asked(results: Sequence[Result]) -> Iterator[Facts]:
    reasons = Counter(result.why for result in results if result.verdict == NOT_ASKED)
    if reasons:
        yield Facts(tuple((f"{number:,} not asked", why) for why, number in reasons.most_common()))
