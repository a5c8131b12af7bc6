"""One kernel that runs, and the talk with it over its channels: Jupyter's protocol on ZeroMQ."""

from __future__ import annotations

import math
import os
import secrets
import signal
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from pathlib import Path

    import zmq

    from cocalc_magic.sandbox.runtime.outputs import Outputs
    from cocalc_magic.sandbox.runtime.process_groups import Groups
    from cocalc_magic.sandbox.runtime.spawn import Process

LOOK = 100  # milliseconds between looks at whether the kernel lives
LAST_WORDS = 1_000  # milliseconds that output may lag behind the reply
_SAID = 2_000  # characters of what a dead kernel wrote


def connection_file(folder: Path, language: str) -> dict[str, Any]:
    """Writes ``connection.json`` into a private folder; returns what is in it, and its path as ``file``.

    Python's kernels talk over sockets in that folder, which nobody else can open; others may know TCP alone.
    """
    from jupyter_client.connect import write_connection_file

    file, key = str(folder / "connection.json"), secrets.token_hex(32).encode()
    if language == "python":
        made = write_connection_file(file, ip=str(folder / "s"), key=key, transport="ipc")
    else:
        made = write_connection_file(file, key=key)
    return {**made[1], "file": file}


class Kernel:
    """A kernel's process and its channels.

    ``said`` is the file that its process writes to; ``by_message``: it is interrupted so, not by a signal.
    """

    def __init__(
        self,
        groups: Groups,
        process: Process,
        connection: dict[str, Any],
        said: IO[bytes],
        by_message: bool = False,
    ) -> None:
        import zmq
        from jupyter_client.session import Session

        self.file = str(connection["file"])
        self._groups, self._process, self._said, self._by_message = groups, process, said, by_message
        self._session = Session(key=connection["key"].encode(), signature_scheme="hmac-sha256")
        self._context = zmq.Context()
        self._shell, self._control, self._output = (
            self._channel(connection, name, kind)
            for name, kind in (("shell", zmq.DEALER), ("control", zmq.DEALER), ("iopub", zmq.SUB))
        )
        self._output.subscribe(b"")
        self._poller = zmq.Poller()
        for channel in (self._shell, self._output):
            self._poller.register(channel, zmq.POLLIN)

    @property
    def process_id(self) -> int:
        """The id of its process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def wait_until_ready(self, seconds: float) -> None:
        """Waits until it answers, and its output arrives here. Raises :class:`Failed` when it doesn't."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._session.send(self._shell, "kernel_info_request")
            # Its output channel may be late: messages before that are lost.
            if self._poller.poll(LOOK) and self._receive(self._output)[0]:
                return
            self._check()
        raise Failed(f"Error: the kernel did not start within {seconds:g} s{self._words()}")

    def execute(self, code: str, outputs: Outputs, seconds: float, grace: float) -> bool:
        """Runs code to its end; after so many seconds it is interrupted, and killed when that does nothing.

        Returns whether it ended in time. Raises :class:`Failed` when the kernel dies of itself.
        """
        asked = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        asked |= {"allow_stdin": False, "stop_on_error": False}
        request = self._session.msg("execute_request", asked)
        self._session.send(self._shell, request)
        asked_by = request["header"]["msg_id"]
        deadline = time.monotonic() + seconds
        if self._listen(asked_by, outputs, deadline):
            return True
        self._interrupt()
        if not self._listen(asked_by, outputs, time.monotonic() + grace):
            self._groups.end(self._process)
        return False

    def end(self) -> None:
        """Ends its process; who talks to it is told that it has ended."""
        self._groups.end(self._process)

    def close(self) -> None:
        """Ends it, with all that it started in its group."""
        self.end()
        if self._process.stdin:
            self._process.stdin.close()
        self._context.destroy(linger=0)

    # -- inside ------------------------------------------------------------------------------------

    def _channel(self, connection: dict[str, Any], name: str, kind: int) -> zmq.Socket[bytes]:
        import zmq

        channel: zmq.Socket[bytes] = self._context.socket(kind)
        channel.setsockopt(zmq.RECONNECT_IVL, 20)
        between = "-" if connection["transport"] == "ipc" else ":"
        channel.connect(
            f"{connection['transport']}://{connection['ip']}{between}{connection[f'{name}_port']}"
        )
        return channel

    def _listen(self, asked_by: str, outputs: Outputs, deadline: float) -> bool:
        """Takes in what one request gives; returns whether it came to its end before the deadline."""
        replied = False
        while (left := deadline - time.monotonic()) > 0:
            ready = dict(self._poller.poll(min(LAST_WORDS if replied else LOOK, math.ceil(left * 1_000))))
            if self._shell in ready and self._receive(self._shell, asked_by)[0] == "execute_reply":
                replied = True
            if self._output in ready:
                kind, content = self._receive(self._output, asked_by)
                if kind == "status" and content.get("execution_state") == "idle":
                    return True
                outputs.take(kind, content)
            if not ready and replied:  # the word that it is idle got lost in a flood of output
                return True
            if not ready:
                self._check()
        return replied

    def _receive(self, channel: zmq.Socket[bytes], asked_by: str = "") -> tuple[str, dict[str, Any]]:
        """Kind and content of the next message; two empty ones unless it answers that request."""
        import zmq

        try:
            _, message = self._session.recv(channel, mode=zmq.NOBLOCK)
        except (
            ValueError,
            TypeError,
            KeyError,
            RecursionError,
        ):  # the code may write to the channels, and anything
            return "", {}
        if message is None:
            return "", {}
        parent, content = message["parent_header"], message["content"]
        if not isinstance(parent, dict) or not isinstance(content, dict):
            return "", {}
        if asked_by and parent.get("msg_id") != asked_by:
            return "", {}
        return str(message["msg_type"]), content

    def _interrupt(self) -> None:
        if self._by_message:
            self._session.send(self._control, "interrupt_request")
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGINT)

    def _check(self) -> None:
        """Raises :class:`Failed`, in the recorded words, when the process has ended."""
        code = self._process.poll()
        if code is None:
            return
        how = f"last exited with code {code}" if code >= 0 else f"was ended by signal {-code}"
        raise Failed(f"Error: Kernel {how}.{self._words()}")

    def _words(self) -> str:
        """The last of what the process wrote, on lines of their own."""
        self._said.flush()
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - _SAID))
        words = self._said.read().decode("utf-8", "replace").strip()
        return f"\n...\n{words}\n" if words else ""
