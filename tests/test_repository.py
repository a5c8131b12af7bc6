"""What stands beside the code agrees with it: the map, paths in documents, the jobs of CI, the Pythons that are supported."""

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


DOCUMENTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "conformance/README.md"]
PACKAGE = ROOT / "cocalc_magic"


def test_the_map_has_a_line_for_every_folder_and_module() -> None:
    """And none for what is not there."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition("## Map of the code")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| `([\w/]+)` \|", section, re.MULTILINE)
    folders = {path.parent for path in PACKAGE.rglob("*") if path.suffix in (".py", ".js")} - {PACKAGE}
    modules = {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")}

    assert len(lines) == len(set(lines))
    assert set(lines) == {f"{path.relative_to(PACKAGE).as_posix()}/" for path in folders} | modules


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_in_a_document_are_there(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    paths = re.findall(r"`((?:cocalc_magic|tests|benchmarks|notebooks|conformance)/[\w./-]*)`", text)
    paths += re.findall(r"\]\((?!https?:|#|mailto:)([\w./-]+)", text)

    assert [
        path
        for path in paths
        if not (ROOT / document).parent.joinpath(path).exists() and not (ROOT / path).exists()
    ] == []


def test_tests_have_the_names_of_the_package() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}

    assert [folder for folder in folders if not (PACKAGE / folder).is_dir()] == [Path("leaks")]


@pytest.mark.parametrize("program", ["check", ".ci/run"])
def test_paths_in_a_program_of_the_checks_are_there(program: str) -> None:
    words = re.findall(r"(?<![\w/.])(?:tests|benchmarks)/[\w./{},-]+", (ROOT / program).read_text("utf-8"))
    paths = [word for pattern in words for word in expanded(pattern)]

    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path).exists()] == []


def expanded(pattern: str) -> list[str]:
    """As the shell expands braces."""
    head, brace, rest = pattern.partition("{")
    if not brace:
        return [pattern]
    inside, _, tail = rest.partition("}")
    return [head + word + tail for word in inside.split(",")]
