"""What is published of the sandbox's fidelity, made from verdicts on recordings: data and a page of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from cocalc_magic.conformance.compare import DIFFERENT, NOT_ASKED, SAME, SHAPE
from cocalc_magic.conformance.published import judged, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

VERDICTS = (SAME, SHAPE, DIFFERENT, NOT_ASKED)
_SECTION = re.compile(r"(<!-- fidelity -->\n).*?(\n<!-- end of fidelity -->)", re.DOTALL)


def document(folder: Path, verdicts: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return what is published.

    Args:
        folder: The folder of the recordings, with what is known of them.
        verdicts: The verdicts on the cases of each recording.
    """
    recorded, deviations, known = (
        _yaml(folder / f"{name}.yaml") for name in ("recorded", "deviations", "known")
    )
    scores = {file: _score(recorded[file], Counter(results)) for file, results in verdicts.items()}
    listed = {source: _on_one_line(cases) for source, cases in {**deviations, **known}.items()}
    return {"scores": scores, "deviations": listed}


def as_json(published: Mapping[str, Any]) -> str:
    """Return what is published as the package has it."""
    return json.dumps(published, indent=1, ensure_ascii=False) + "\n"


def in_readme(readme: str, published: Mapping[str, Any]) -> str:
    """Return the text of a README with this page in its section."""
    return _SECTION.sub(lambda match: f"{match[1]}{page(published)}{match[2]}", readme)


def page(published: Mapping[str, Any]) -> str:
    """Return the page of fidelity, as Markdown."""
    rows = [
        f"| {score['apis']} | {score['date']} | {score['commit']} | {judged(score)} | "
        f"**{percent(score):.1f} %** | {score[SHAPE]} | {score[DIFFERENT]} | {score[NOT_ASKED]} |"
        for score in published["scores"].values()
    ]
    head = ("APIs", "server of", "commit", "cases", SAME, SHAPE, DIFFERENT, NOT_ASKED)
    parts = [_row(head), _row(["---"] * len(head)), *rows]
    for source, cases in published["deviations"].items():
        parts += ["", f"### {source}", "", *_reasons(cases)]
    return "\n".join(parts)


def _reasons(cases: Mapping[str, str]) -> list[str]:
    """Return a line for each reason, with the cases that it is for."""
    by_reason: dict[str, list[str]] = {}
    for case, reason in cases.items():
        by_reason.setdefault(reason, []).append(f"`{case}`")
    return [f"- {', '.join(names)}: {reason}" for reason, names in by_reason.items()]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _score(recorded: Mapping[str, Any], counts: Counter[str]) -> dict[str, Any]:
    known = {name: str(recorded[name]) for name in ("apis", "server", "commit", "date")}
    return known | {verdict: counts[verdict] for verdict in VERDICTS}


def _on_one_line(cases: Mapping[str, str]) -> dict[str, str]:
    return {case: " ".join(reason.split()) for case, reason in cases.items()}


def _yaml(path: Path) -> Any:
    import yaml  # late: only who writes the page needs it

    return yaml.safe_load(path.read_text(encoding="utf-8"))
