"""A message that takes several of today's: once the first has gone out, it may have been carried out."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from cocalc_magic import Client
from cocalc_magic.errors import ConnectionLost, ServerUnreachable
from cocalc_magic.sandbox import Sandbox


class Unplugged(BaseAdapter):
    """The way to a sandbox, which refuses connections after so many commands."""

    def __init__(self, box: Sandbox, commands: int) -> None:
        super().__init__()
        self._inner, self._left = box.adapter(), commands

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if str(request.path_url).endswith("/exec") and request.headers.get("Authorization"):
            self._left -= 1
            if self._left < 0:
                raise requests.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
        return self._inner.send(request, *args, **options)

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(("commands", "kind"), [(0, ServerUnreachable), (1, ConnectionLost)])
def test_a_connection_that_is_refused_later_leaves_it_open_what_was_done(
    commands: int, kind: type[ServerUnreachable]
) -> None:
    with Sandbox() as box, requests.Session() as session:
        project_id = Client(box.url, box.key, session=box.session()).create_project()["project_id"]
        box.world.generation = "v2"
        session.mount(box.url, Unplugged(box, commands))
        client = Client(box.url, box.key, session=session)

        with pytest.raises(ServerUnreachable) as told:
            client.project_exec(project_id=project_id, command="sleep", args=["20"], timeout=60)

    assert type(told.value) is kind
