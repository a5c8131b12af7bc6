"""What stands beside the code agrees with it: the jobs of CI, the Pythons that are supported."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text("utf-8"))
INSTALL = 'pip install -e ".[test]"'


@pytest.mark.parametrize("job", WORKFLOW["jobs"].values(), ids=WORKFLOW["jobs"])
def test_a_job_of_ci_is_one_option_of_check(job: dict[str, Any]) -> None:
    commands = [step["run"] for step in job["steps"] if "run" in step]
    options = re.findall(r"^(--\w+)\)", (ROOT / "check").read_text("utf-8"), re.MULTILINE)

    assert commands[0] == INSTALL
    assert commands[1:] in [[f"./check {option}"] for option in options]


def test_ci_tests_the_pythons_that_are_said_to_be_supported() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    supported = re.findall(r"Programming Language :: Python :: (3\.\d+)", project)

    assert WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]["python"] == supported
    assert f'requires-python = ">={supported[0]}"' in project
    assert f'python_version = "{supported[0]}"' in project


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/**/*.yml")), ids=lambda path: path.name)
def test_what_github_reads_is_yaml(path: Path) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))
