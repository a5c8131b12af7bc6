"""Build the site: python -m docs FOLDER

Fails on a warning of Sphinx and on a link that leads nowhere.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from docs import for_programs
from docs.assemble import assemble
from docs.links import dead_links


def main(arguments: list[str]) -> int:
    """Build the site into a folder, which is emptied first, and return the exit status."""
    from sphinx.cmd.build import main as sphinx

    target = Path(*arguments or ["dist/docs"])
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder, "sources")
        sources.mkdir()
        assemble(sources)
        status = sphinx(
            ["-W", "--keep-going", "-q", "-j", "auto", "-d", f"{folder}/trees", str(sources), str(target)]
        )
        for_programs.write(sources, target)
    dead = dead_links(target)
    print(*(f"leads nowhere: {link}" for link in dead), sep="\n")
    return status or int(bool(dead))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
