"""A sandbox in this process, without a socket: it starts neither processes nor threads.

Where nothing may be started (a page, a locked machine) it takes the place of the program. Commands run in the
small shell, code in this Python.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cocalc_magic.sandbox import seed
from cocalc_magic.sandbox.errors import CannotStart
from cocalc_magic.sandbox.http.exchange import serve
from cocalc_magic.sandbox.start_options import add_world_options
from cocalc_magic.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import NoReturn

    from cocalc_magic.sandbox.served import Served


class InProcessSandbox:
    """The world of a sandbox in this process, and a key of its first account.

    Args:
        options: Those of `python -m cocalc_magic.sandbox` that say which world it begins with.
        address: What it is asked at, where nobody listens.

    Raises:
        CannotStart: An option is wrong, or the folder of its data can't be used.
    """

    def __init__(self, options: Sequence[str], address: str) -> None:
        chosen = _options().parse_args(options)
        self._world = World(chosen.data, chosen.generation, in_process=True)
        self._world.address = address
        try:
            self.key = seed.begin(self._world, chosen.world, empty=chosen.empty)
        except BaseException:
            self._world.close()
            raise

    def serve(self, method: str, target: str, headers: Mapping[str, str], pieces: Iterable[bytes]) -> Served:
        """Answer a request; see `serve`."""
        return serve(self._world, method, target, headers, pieces)

    def close(self) -> None:
        """End it; its data is removed unless it has a folder."""
        self._world.close()


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are raised: the program's end would be that of this process."""

    def error(self, message: str) -> NoReturn:
        raise CannotStart(f"{message}.")


def _options() -> argparse.ArgumentParser:
    parser = _Parser(prog="sandbox", add_help=False, allow_abbrev=False)
    add_world_options(parser)
    for name, why in (("--port", "nobody can connect to it"), ("--frame", "it has no pages for a browser")):
        parser.add_argument(name, type=_refused(name, why), help=argparse.SUPPRESS)
    return parser


def _refused(name: str, why: str) -> type:
    """Return a type of which no value is."""

    def refuse(_: str) -> NoReturn:
        raise CannotStart(f"a sandbox in this process takes no {name}: {why}.")

    return refuse  # type: ignore[return-value]  # argparse takes any function
