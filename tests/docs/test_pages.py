"""The pages of the documentation: every block of code runs and prints what stands below it, or says why not."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cocalc_magic import Client, catalog, config
from cocalc_magic.commands.synopsis import SYNOPSES
from cocalc_magic.syntax.flags import FLAGS
from tests.docs.blocks import CELLS, EDITS, PROGRAMS, blocks, edit, run_cells, run_program, shows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.docs.blocks import Block

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("**/*.md"))
NO_BYTECODE = shutil.ignore_patterns("__pycache__")
INLINE = re.compile(r"`%{0,2}cocalc(?:-magic)? ([a-z][\w./:-]*)([^`\n]*)`")
FLAG = re.compile(r"(?<![\w-])--[a-z][\w-]*")
DATA: dict[str, Callable[[str], Any]] = {"yaml": yaml.safe_load, "json": json.loads, "bash": str, "toml": str}


def name(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def page_blocks(path: Path) -> list[Block]:
    return list(blocks(path.read_text("utf-8")))


RUNNING = [path for path in PAGES if any(block.runs for block in page_blocks(path))]


@pytest.fixture(autouse=True)
def _usual_sandbox() -> Iterator[None]:
    """A page that starts a sandbox of another age, and does not come to its end, leaves none behind."""
    before = config.sandbox().running
    yield
    if before and config.sandbox().running not in (before, None):
        config.sandbox().stop()


@pytest.mark.parametrize("path", [*RUNNING, ROOT / "README.md"], ids=name)
def test_what_a_page_shows_is_what_comes(
    path: Path, shell: Any, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if any(block.mark in EDITS for block in page_blocks(path)):  # programs take the package of their folder
        shutil.copytree(ROOT / "cocalc_magic", tmp_path / "cocalc_magic", ignore=NO_BYTECODE)
    for block in page_blocks(path):
        if block.mark in EDITS:
            edit(block, tmp_path)
        if block.mark == "file":
            (tmp_path / block.about).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.about).write_text(block.text, "utf-8")
        if not block.runs or (
            path.parent == ROOT and block.language == "sh"
        ):  # those of README are run by CI
            continue
        with Client("sandbox") as server:
            output = (
                run_cells(block, shell) if block.language in CELLS else run_program(block, tmp_path, server)
            )

        assert shows(block.printed, output), f"{name(path)}:{block.line} prints\n{output}"


def test_commands_and_flags_that_pages_name_are_there() -> None:
    """Those between backticks, which nothing runs."""
    of_messages = {name for flag in FLAGS for name in flag.names}
    for path in [*PAGES, *ROOT.glob("*.md"), ROOT / "notebooks/README.md"]:
        for word, rest in INLINE.findall(path.read_text("utf-8")):
            command = SYNOPSES.get(word)
            assert command or catalog.get(word) or word == "event", f"{name(path)}: {word}"
            known = of_messages | set(FLAG.findall(f"{command.words} {command.more}" if command else ""))
            assert set(FLAG.findall(rest)) <= known, f"{name(path)}: {word}{rest}"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_block_is_run_or_says_why_not(path: Path) -> None:
    for block in page_blocks(path):
        place = f"{name(path)}:{block.line}"
        if block.mark:
            assert block.mark in ("file", "not run", *EDITS), place
            assert len(block.about) > 3, place
        if block.language in DATA:
            assert DATA[block.language](block.text), place
        elif not block.mark and not block.language.startswith("{"):
            assert block.language in (*CELLS, *PROGRAMS), f"{place} is neither run nor data"
