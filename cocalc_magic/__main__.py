"""`python -m cocalc_magic`: the program `cocalc-magic`."""

from __future__ import annotations

import sys

from cocalc_magic import __version__


def run() -> int:
    """Run the program with the arguments of this process, and return its exit status."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"cocalc-magic {__version__}\n")
        return 0
    from cocalc_magic.cli.main import main  # late: it loads the client

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
