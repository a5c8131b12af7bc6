"""For tests: a sandbox in this process, without a socket; and `FakeServer`, which plays any other server.

The sandbox needs no socket: `Client(box.url, box.key, session=box.session())` reaches it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.adapter import AnswerAdapter, session
from cocalc_magic.sandbox.fake_server import Connection, FakeServer, Request, Response, json_response
from cocalc_magic.sandbox.http.api_versions import ALL
from cocalc_magic.sandbox.http.exchange import serve
from cocalc_magic.sandbox.http.faults import parse
from cocalc_magic.sandbox.seed import begin
from cocalc_magic.sandbox.served import NOBODY
from cocalc_magic.sandbox.world import World

if TYPE_CHECKING:
    from pathlib import Path

    import requests

__all__ = ["Connection", "FakeServer", "Request", "Response", "Sandbox", "json_response"]


class Sandbox:
    """A whole sandbox: its world, its processes, and a key of its first account::

        with Sandbox() as box, Client(box.url, box.key, session=box.session()) as client:
            box.fault(status=503)

    Args:
        folder: Where its data is kept; without it, in a temporary folder that goes with the sandbox.
        world: A YAML file with the accounts and projects to begin with, for a folder without data.
        empty: Begin with one account and no project.
        generation: Which APIs it speaks, as `--generation` has it: `all` is v1, v2 and conat.

    Attributes:
        url: The address that `session()` reaches it at.
        key: A key of the first account.

    Raises:
        CannotStart: When the folder is in use, or the file of the world is wrong.
    """

    url = NOBODY

    def __init__(
        self,
        folder: Path | None = None,
        *,
        world: Path | None = None,
        empty: bool = False,
        generation: str = ALL,
    ) -> None:
        self.world = World(folder, generation)
        self.world.address = NOBODY
        try:
            self.key = begin(self.world, world, empty=empty)
        except BaseException:
            self.world.close()
            raise

    def adapter(self) -> AnswerAdapter:
        """Return what a `requests.Session` mounts to talk to it."""
        return AnswerAdapter(partial(serve, self.world))

    def session(self) -> requests.Session:
        """Return a session that talks to it at `url`, and to nothing else there."""
        return session(self.url, partial(serve, self.world))

    def fault(self, **what: Any) -> None:
        """Schedule a fault; see `Fault` for what there is.

        Raises `InvalidFault`.
        """
        self.world.faults.schedule(parse(what))

    def close(self) -> None:
        """End every process, and forget the data unless it has a folder."""
        self.world.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()
