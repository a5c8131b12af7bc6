"""What is published: a wheel with all that the package needs, a source archive without the recordings."""

from __future__ import annotations

import email
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cocalc_magic
from cocalc_magic.docs.pages import doc_pages

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cocalc_magic"
MAX_WHEEL = 1_500_000  # bytes


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return folder


def test_the_wheel_has_every_file_of_the_package(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("cocalc_magic/")}
    files = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*") if path.is_file()}
    files -= {str(path.relative_to(ROOT)) for path in (PACKAGE / "catalog").glob("*.yaml")}  # JSON is loaded

    lessons = {path.name for path in (ROOT / "notebooks").iterdir() if path.suffix in (".ipynb", ".cfg")}
    copied = {f"cocalc_magic/lessons/notebooks/{name}" for name in lessons}
    copied |= {f"cocalc_magic/docs/pages/{page.name}.md" for page in doc_pages()}

    assert names == {name for name in files if "__pycache__" not in name} | copied
    assert len(lessons) > 10
    assert wheel.stat().st_size < MAX_WHEEL
    assert {
        "cocalc_magic/py.typed",
        "cocalc_magic/client/event_methods.pyi",
        "cocalc_magic/widgets/static/table.js",
    } < names


def test_the_source_archive_has_no_recordings(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {Path(*Path(name).parts[1:]).as_posix() for name in opened.getnames()}

    assert {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff"} < names
    assert not {name for name in names if name.endswith(".jsonl") or name.startswith(("tests/", "."))} - {
        ".gitignore"
    }


@pytest.fixture(scope="module")
def metadata(built: Path) -> Message:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith("/METADATA")]
        return email.message_from_bytes(opened.read(name))


def test_the_metadata_says_what_it_is(metadata: Message) -> None:
    assert metadata["Version"] == cocalc_magic.__version__
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Author"] == "the cocalc-magic authors"
    assert f"Programming Language :: Python :: {metadata['Requires-Python'].removeprefix('>=')}" in (
        metadata.get_all("Classifier") or []
    )
    links = re.findall(r"\]\(([^)]+)\)", str(metadata.get_payload()))
    assert [link for link in links if not link.startswith("https://")] == []


def test_the_recipe_of_conda_has_the_same_names_and_versions(metadata: Message) -> None:
    recipe = yaml.safe_load((ROOT / "conda" / "recipe.yaml").read_text("utf-8"))
    python, *run = recipe["requirements"]["run"]
    declared = [Requirement(text) for text in metadata.get_all("Requires-Dist") or []]
    optional = {"lab", "keyring", "frame", "browser", "charts", "dask"}
    extras = {
        _named(wanted)
        for wanted in declared
        if wanted.name != "cocalc-magic"
        and any(f'extra == "{name}"' in str(wanted.marker) for name in optional)
    }

    assert {_named(Requirement(text)) for text in run} == {
        _named(text) for text in declared if "extra ==" not in str(text.marker)
    }
    assert {_named(Requirement(text)) for text in recipe["requirements"]["run_constraints"]} == extras
    assert "hatchling >=1.27" in recipe["requirements"]["host"]
    assert recipe["context"] == {
        "version": metadata["Version"],
        "python_min": (metadata["Requires-Python"] or "").removeprefix(">="),
    }
    assert python == "python >=${{ python_min }}"
    assert recipe["about"]["summary"] == metadata["Summary"]


def _named(wanted: Requirement) -> tuple[str, frozenset[str]]:
    return canonicalize_name(wanted.name), frozenset(map(str, wanted.specifier))


def test_links_of_readme_lead_below_one_address_on_a_package_page(tmp_path: Path) -> None:
    """Where an address is set, in one place."""
    for name in ("README.md", "hatch_build.py", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "cocalc_magic").mkdir()
    shutil.copy(PACKAGE / "__init__.py", tmp_path / "cocalc_magic")
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(
        project.replace('address = ""', 'address = "https://code.example.org/tree"'), "utf-8"
    )

    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "metadata", "readme"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip

    links = re.findall(r"\]\(([^)]+)\)", done.stdout)
    assert "https://code.example.org/tree/pictures/form.png" in links
    assert [link for link in links if not link.startswith("https://")] == []
