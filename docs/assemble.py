"""The sources of the site in one folder: written pages, generated ones, lessons, the drawing; their links."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.docs.pages import ELSEWHERE
from docs import drawing, messages, site_search

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
COPIES = {
    **{file: f"{name}.md" for name, file in ELSEWHERE.items()},
    "CONTRIBUTING.md": "carry-on/contributing.md",
    "CHANGELOG.md": "carry-on/changes.md",
    "README.md": "index.md",
}
"""Files of the repository -> their places in the site; README leads to its first page."""

PICTURES = "pictures"

_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)")


def assemble(folder: Path, page: str = "") -> None:
    """Write all sources into a folder; each lesson leads to itself in the page at an address."""
    shutil.copy(ROOT / "docs/conf.py", folder)
    for name in ("docs/static", PICTURES):
        shutil.copytree(ROOT / name, folder / Path(name).name)
    scorer = folder / "static/search_scorer.js"
    scorer.write_text(site_search.script() + scorer.read_text("utf-8"), "utf-8")
    for path, place in sources():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            target.write_text(relinked(path.read_text("utf-8"), path, place), "utf-8")
        elif page:
            target.write_text(with_link(path, page), "utf-8")
        else:
            shutil.copy(path, target)
    for place, text in messages.pages():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    lessons = "\n".join(path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb")))
    with (folder / "learn/lessons.md").open("a", encoding="utf-8") as listed:
        listed.write(f"\n```{{toctree}}\n:hidden:\n{lessons}\n```\n")
    (folder / "carry-on/layers.svg").write_text(drawing.svg(), "utf-8")


def sources() -> Iterator[tuple[Path, str]]:
    """Yield the files that are copied, each with its place in the site."""
    yield ROOT / "docs/index.md", "index.md"
    for path in sorted((ROOT / "docs").glob("*/*.md")):
        yield path, path.relative_to(ROOT / "docs").as_posix()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        yield path, f"learn/{path.name}"
    for file, place in COPIES.items():
        if file != "README.md":
            yield ROOT / file, place


def with_link(lesson: Path, page: str) -> str:
    """Return a lesson with a link below its title that opens it in the page."""
    notebook = json.loads(lesson.read_text("utf-8"))
    heading, *rest = "".join(notebook["cells"][0]["source"]).split("\n", 1)
    link = f'<a href="{page.rstrip("/")}/lab/index.html?path={lesson.name}">Open in the page</a>'
    notebook["cells"][0]["source"] = "\n".join([heading, "", link, "", *rest])
    return json.dumps(notebook)


def relinked(text: str, path: Path, place: str) -> str:
    """Return a page with its links as they are in the site; what is not there is named, not linked."""

    def link(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        file = os.path.relpath((path.parent / target).resolve(), ROOT).replace(os.sep, "/")
        there = site_place(file)
        return f"[{words}]({os.path.relpath(there, Path(place).parent)}{anchor})" if there else words

    return _LINK.sub(link, text)


def site_place(file: str) -> str:
    """Return the place of a file of the repository in the site, or nothing."""
    if file in COPIES:
        return COPIES[file]
    if file.startswith("docs/"):
        return file.removeprefix("docs/")
    if file.startswith(f"{PICTURES}/"):
        return file
    if file.startswith("notebooks/") and file.endswith(".ipynb"):
        return f"learn/{Path(file).name}"
    return ""
