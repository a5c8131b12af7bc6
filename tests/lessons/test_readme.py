"""The example of `notebooks/README.md` is an exercise file that is as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocalc_magic.lessons.evidence import __doc__ as names
from cocalc_magic.lessons.exercise_file import read_exercises
from cocalc_magic.lessons.trial import problems, trials

README = (Path(__file__).parents[2] / "notebooks/README.md").read_text("utf-8")


@pytest.mark.slow
def test_the_example_for_teachers_passes_its_own_test(tmp_path: Path) -> None:
    file = tmp_path / "exercises.yaml"
    file.write_text(README.partition("```yaml\n")[2].partition("```")[0], "utf-8")

    with trials(file) as tried:
        for exercise in read_exercises(file):
            assert list(problems(tried, exercise)) == []


def test_every_name_of_an_expression_is_documented() -> None:
    table = README.partition("In an expression there are:")[2].partition("What cannot")[0]
    listed = {line.split("`")[1].partition("(")[0] for line in table.splitlines() if line.startswith("| `")}
    declared = {line.split()[0].partition("(")[0] for line in str(names).splitlines() if "  " in line}

    assert listed == declared
