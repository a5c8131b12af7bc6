"""How many lines of code the package has, docstrings, comments and blank lines apart.

python benchmarks/lines.py [--at REVISION] [--than REVISION] [--by folder|file]

`--at` counts a revision of git in place of the files as they are; `--than` compares with another one.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import tokenize
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "cocalc_magic"
LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
)


def sources(revision: str) -> dict[str, str]:
    """Return the text of every module by its path; of the files as they are where the revision is empty."""
    if not revision:
        paths = sorted((ROOT / PACKAGE).rglob("*.py"))
        return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    names = git("ls-tree", "-r", "--name-only", revision, PACKAGE).splitlines()
    return {name: git("show", f"{revision}:{name}") for name in names if name.endswith(".py")}


def git(*words: str) -> str:
    """Return what git prints."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - git is where it is


def code_lines(source: str) -> int:
    """Count the lines on which there is code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def count(revision: str, by: str) -> Counter[str]:
    """Count the lines of a revision by folder or by file."""
    counts: Counter[str] = Counter()
    for name, source in sources(revision).items():
        counts[name if by == "file" else "/".join(name.split("/")[1:-1][:2]) or "."] += code_lines(source)
    return counts


def main() -> None:
    """Print the lines by folder or file and their sum, and the difference where that is asked for."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--at", default="", metavar="REVISION")
    options.add_argument("--than", default="", metavar="REVISION")
    options.add_argument("--by", choices=("folder", "file"), default="folder")
    chosen = options.parse_args()
    now = count(chosen.at, chosen.by)
    before = count(chosen.than, chosen.by) if chosen.than else now
    for name in sorted({*now, *before}):
        print_line(name, now[name], before[name])
    print_line("sum", now.total(), before.total())
    print(
        f"{len(sources(chosen.at)):7,} modules"
        + (f" ({len(sources(chosen.than)):,} before)" if chosen.than else "")
    )


def print_line(name: str, lines: int, before: int) -> None:
    """Print a count, and its difference where there is one."""
    print(f"{lines:7,} {name}" + (f" ({lines - before:+,})" if lines != before else ""))


if __name__ == "__main__":
    main()
