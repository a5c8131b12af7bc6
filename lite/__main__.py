"""Build the page, or serve it: python -m lite FOLDER [--zip], python -m lite serve FOLDER [--port PORT]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lite import serve


def main(arguments: list[str]) -> int:
    """Build or serve, and return the exit status."""
    if arguments[:1] == ["serve"]:
        return serve.main(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m lite", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the page is built: new, empty, or an earlier page")
    parser.add_argument("--zip", action="store_true", help="also pack it as FOLDER.zip, for a USB stick")
    parser.add_argument("--cache", type=Path, help="where downloads are kept between builds")
    chosen = parser.parse_args(arguments)
    try:
        return make(chosen)
    except ImportError as missing:
        print(f"not built: {missing.name} is missing (pip install -e '.[lite]')", file=sys.stderr)
    return 1


def make(chosen: argparse.Namespace) -> int:
    """Build the page, and the zip file where one is wanted."""
    from lite import build, download  # what they need comes with the extra `lite`

    try:
        build.build(chosen.folder, chosen.cache)
    except download.BuildError as problem:
        print(f"not built: {problem}", file=sys.stderr)
        return 1
    if chosen.zip:
        print(f"  packed as {build.zip_page(chosen.folder)}")
    print(f"Built. python -m lite serve {chosen.folder} shows it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
