"""Build the site: python -m docs FOLDER [--page]

With `--page` it has the page with everything in it (`python -m lite`), and the lessons lead there; without,
they lead to its published address, where there is one. Fails on a warning of Sphinx, on a link that leads
nowhere, and on a page that takes more than three clicks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from docs import for_programs
from docs.assemble import assemble
from docs.links import dead_links, unreached
from lite import ADDRESS
from lite.download import BuildError
from lite.target import emptied


def main(arguments: list[str]) -> int:
    """Build the site into a folder and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs", description="Build the documentation as a site.")
    parser.add_argument("folder", type=Path, help="where it is built: new, empty, or an earlier site")
    parser.add_argument("--page", action="store_true", help="with the page that has everything in it")
    chosen = parser.parse_args(arguments)
    try:
        target = emptied(chosen.folder, ".buildinfo")
        return build(target, inside=chosen.page)
    except BuildError as problem:
        print(f"not built: {problem}", file=sys.stderr)
        return 1


def build(target: Path, *, inside: bool) -> int:
    """Build the site, with the page inside it where that is wanted, and return the exit status."""
    from sphinx.cmd.build import main as sphinx

    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder, "sources")
        sources.mkdir()
        assemble(sources, "../page" if inside else ADDRESS)
        status = sphinx(
            ["-W", "--keep-going", "-q", "-j", "auto", "-d", f"{folder}/trees", str(sources), str(target)]
        )
        for_programs.write(sources, target)
    if inside:
        from lite.build import build as build_page  # late: what it needs is another extra

        build_page(target / "page")
    dead = dead_links(target)
    far = [] if inside else unreached(target)  # the page has pages of its own
    print(*(f"leads nowhere: {link}" for link in dead), *(f"is far: {page}" for page in far), sep="\n")
    return status or int(bool(dead or far))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
