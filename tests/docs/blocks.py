"""The blocks of code of a page of the documentation, and a shell and a folder to run them in.

`ipython` and `python` are cells, `sh` is a program of bash. A block of `text` below one of these is what it
prints, where `…` stands for anything. A block below a line that is a name alone (`students.csv`:) is that file
in the folder. A comment above a block says otherwise:

    <!-- not run: why -->            it is not run, and why
    <!-- above: FILE: LINE -->       it goes into a file of the package, above the line that begins so
    <!-- below: FILE: LINE -->       or below it
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.utils.capture import capture_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic import Client

EDITS = ("above", "below")
CELLS, PROGRAMS = ("ipython", "python"), ("sh",)
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[\w ]+): (?P<about>(?:(?!-->).)*?) ?-->\n|^`(?P<file>[\w./-]+)`:\n\n)?^```(?P<language>\S*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One block: its place, its language, the comment above it, its text, and what it prints if that is there."""

    line: int
    language: str
    mark: str
    about: str
    text: str
    printed: str = ""

    @property
    def runs(self) -> bool:
        """Whether it is to be run."""
        return not self.mark and self.language in (*CELLS, *PROGRAMS)


def blocks(page: str) -> Iterator[Block]:
    """Find the blocks; a `text` goes to the block above it."""
    previous: Block | None = None
    for match in BLOCK.finditer(page):
        line = page.count("\n", 0, match.start("text"))
        mark, about = (
            ("file", match["file"]) if match["file"] else (match["mark"] or "", match["about"] or "")
        )
        block = Block(line, match["language"], mark, about, match["text"])
        if block.language == "text" and previous and previous.runs and not previous.printed:
            previous = Block(previous.line, previous.language, "", "", previous.text, block.text)
            continue
        if previous:
            yield previous
        previous = block
    if previous:
        yield previous


def edit(block: Block, folder: Path) -> None:
    """Put a block into the file of the package that it is for."""
    name, _, beginning = block.about.partition(": ")
    lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.startswith(beginning)]
    lines.insert(place + (block.mark == "below"), block.text)
    (folder / name).write_text("".join(lines), "utf-8")


def cells(block: Block) -> list[str]:
    """The cells of a block: parts between empty lines where one of them is a cell magic, else all of it."""
    parts = block.text.split("\n\n")
    return parts if any(part.startswith("%%") for part in parts[1:]) else [block.text]


def run_cells(block: Block, shell: Any) -> str:
    """Run a block in a shell and return what that prints; an error has to be among what the page shows."""
    printed = []
    for cell in cells(block):
        with capture_output() as captured:
            outcome = shell.run_cell(cell, store_history=True)
        problem = outcome.error_before_exec or outcome.error_in_exec
        if problem and " ".join(str(problem).splitlines()[0].split()[:4]) not in block.printed:
            raise problem
        printed.append(re.sub(r"^Out\[\d+\]: ?\n?", "", captured.stdout, flags=re.MULTILINE))
    return "".join(printed)


def run_program(block: Block, folder: Path, client: Client) -> str:
    """Run a block by bash, with a sandbox configured, and return what it prints."""
    program = f'set -e\ncocalc-magic() {{ "{sys.executable}" -m cocalc_magic "$@"; }}\n{block.text}'
    done = subprocess.run(
        ["bash", "-c", program],  # noqa: S607
        capture_output=True, text=True, check=False, cwd=folder,
        env={
            **os.environ, "COCALC_HOST": client.server.url, "COCALC_API_KEY": client.key.reveal(),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "-p cocalc_magic.pytest_plugin -p no:cacheprovider",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shows(printed: str, output: str) -> bool:
    """Whether an output has what the page shows of it."""
    pattern = ".*?".join(map(re.escape, printed.strip().split("…")))
    return re.search(pattern, output, re.DOTALL) is not None
