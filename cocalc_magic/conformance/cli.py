"""The program `python -m cocalc_magic.conformance`.

The report goes to standard output, and everything else to standard error. The exit status is 0 where nothing
differs but what is published, 1 where something else does, and 2 where the server could not be asked.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from cocalc_magic import config
from cocalc_magic.conformance import report
from cocalc_magic.conformance.conform import Conform
from cocalc_magic.errors import CoCalcError
from cocalc_magic.render.text import format_text

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_ASKED, INTERRUPTED = 2, 130  # exit statuses


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status."""
    chosen = _options().parse_args(arguments)
    _print_anything()
    try:
        servers = tuple(chosen.servers) or (config.choose().server,)
        run = Conform(**{**vars(chosen), "servers": servers}).run(_progress if sys.stderr.isatty() else None)
    except CoCalcError as problem:
        sys.stderr.write(f"{problem}\n")
        return NOT_ASKED
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INTERRUPTED
    sys.stdout.write(f"{format_text(report.blocks(run))}\n")
    return run.exit_status


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m cocalc_magic.conformance",
        description="Compare what a server answers with a fresh sandbox of its generation, "
        "with another server, or with recorded answers.",
        epilog="Exit status: 0 nothing differs but what is published, 1 something else differs, 2 the server "
        "could not be asked. Keys come from where %%cocalc finds them: COCALC_HOST and COCALC_API_KEY, the "
        "keyring, the key file. Without a key only what needs none is asked.",
    )
    options.add_argument(
        "servers", nargs="*", metavar="SERVER", help="name or address; two are compared with each other"
    )
    options.add_argument(
        "--write", action="store_true", help="send also what writes: for a server that may be thrown away"
    )
    options.add_argument("--cases", default="", metavar="FILE", help="recorded exchanges, one on each line")
    options.add_argument(
        "--world", default="", metavar="FILE", help="the accounts they were made with (YAML)"
    )
    options.add_argument("--junit", default="", metavar="FILE", help="write the report as JUnit's XML, too")
    options.add_argument("--html", default="", metavar="FILE", help="write the report as a page, too")
    options.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS", help="for each request")
    return options


def _progress(place: int, total: int) -> None:
    sys.stderr.write(f"\r{place + 1:,} of {total:,}" + ("\n" if place + 1 == total else ""))
    sys.stderr.flush()


def _print_anything() -> None:
    """Let standard output take every character, whatever its encoding."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
