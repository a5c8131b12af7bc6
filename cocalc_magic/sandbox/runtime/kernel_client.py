"""A client of one running kernel: Jupyter's protocol over ZeroMQ."""

from __future__ import annotations

import math
import os
import secrets
import signal
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Thrown

if TYPE_CHECKING:
    from pathlib import Path

    import zmq

    from cocalc_magic.sandbox.runtime.outputs import Outputs
    from cocalc_magic.sandbox.runtime.process_groups import Groups
    from cocalc_magic.sandbox.runtime.spawn import Process

POLL_INTERVAL = 100  # milliseconds between checks whether the kernel lives
OUTPUT_LAG = 1_000  # milliseconds that output may lag behind the reply
_MAX_OUTPUT = 2_000  # characters of what a dead kernel wrote


def connection_file(folder: Path, language: str) -> dict[str, Any]:
    """Write `connection.json` into a private folder; return its content, and its path as `file`.

    Python's kernels use sockets in that folder, which nobody else can open; other kernels may know TCP alone.
    """
    from jupyter_client.connect import write_connection_file

    file, key = str(folder / "connection.json"), secrets.token_hex(32).encode()
    if language == "python":
        _, content = write_connection_file(file, ip=str(folder / "s"), key=key, transport="ipc")
    else:
        _, content = write_connection_file(file, key=key)
    return {**content, "file": file}


class Kernel:
    """A kernel's process and its channels.

    Args:
        written: The file that its process writes to.
        by_message: Whether it is interrupted by a message, not by a signal.
    """

    def __init__(
        self,
        groups: Groups,
        process: Process,
        connection: dict[str, Any],
        written: IO[bytes],
        by_message: bool = False,
    ) -> None:
        import zmq
        from jupyter_client.session import Session

        self.file = str(connection["file"])
        self._groups, self._process, self._written, self._by_message = groups, process, written, by_message
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
        """Wait until it answers, and its output arrives. Raises `Failed` where it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._session.send(self._shell, "kernel_info_request")
            # Its output channel may be late: messages before that are lost.
            if self._poller.poll(POLL_INTERVAL) and self._receive(self._output)[0]:
                return
            self._check()
        raise Thrown(f"the kernel did not start within {seconds:g} s{self._last_output()}")

    def execute(self, code: str, outputs: Outputs, seconds: float, grace: float) -> bool:
        """Run code to its end; after so many seconds, interrupt the kernel, and kill it if that does nothing.

        Returns whether it ended in time. Raises `Failed` where the kernel dies by itself.
        """
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": False}
        request = self._session.msg("execute_request", content)
        self._session.send(self._shell, request)
        request_id = request["header"]["msg_id"]
        deadline = time.monotonic() + seconds
        if self._listen(request_id, outputs, deadline):
            return True
        self._interrupt()
        if not self._listen(request_id, outputs, time.monotonic() + grace):
            self._groups.end(self._process)
        return False

    def end(self) -> None:
        """End its process; code that runs in it fails."""
        self._groups.end(self._process)

    def close(self) -> None:
        """End it, with all that it started in its group."""
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

    def _listen(self, request_id: str, outputs: Outputs, deadline: float) -> bool:
        """Collect the outputs of a request; return whether it ended before the deadline."""
        replied = False
        while (remaining := deadline - time.monotonic()) > 0:
            ready = dict(
                self._poller.poll(min(OUTPUT_LAG if replied else POLL_INTERVAL, math.ceil(remaining * 1_000)))
            )
            if self._shell in ready and self._receive(self._shell, request_id)[0] == "execute_reply":
                replied = True
            if self._output in ready:
                kind, content = self._receive(self._output, request_id)
                if kind == "status" and content.get("execution_state") == "idle":
                    return True
                outputs.add(kind, content)
            if not ready and replied:  # the idle status was lost in a flood of output
                return True
            if not ready:
                self._check()
        return replied

    def _receive(self, channel: zmq.Socket[bytes], request_id: str = "") -> tuple[str, dict[str, Any]]:
        """Return type and content of the next message; empty ones unless it answers that request."""
        import zmq

        try:
            _, message = self._session.recv(channel, mode=zmq.NOBLOCK)
        except (
            ValueError,
            TypeError,
            KeyError,
            RecursionError,
        ):  # code may write anything to the channels
            return "", {}
        if message is None:
            return "", {}
        parent, content = message["parent_header"], message["content"]
        if not isinstance(parent, dict) or not isinstance(content, dict):
            return "", {}
        if request_id and parent.get("msg_id") != request_id:
            return "", {}
        return str(message["msg_type"]), content

    def _interrupt(self) -> None:
        if self._by_message:
            self._session.send(self._control, "interrupt_request")
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(-self._process.pid, signal.SIGINT)  # its group

    def _check(self) -> None:
        """Raise `Failed`, in the recorded words, where the process has ended."""
        code = self._process.poll()
        if code is None:
            return
        how = f"last exited with code {code}" if code >= 0 else f"was ended by signal {-code}"
        raise Thrown(f"Kernel {how}.{self._last_output()}")

    def _last_output(self) -> str:
        """Return the end of what the process wrote, on lines of its own."""
        self._written.flush()
        self._written.seek(max(0, self._written.seek(0, os.SEEK_END) - _MAX_OUTPUT))
        text = self._written.read().decode("utf-8", "replace").strip()
        return f"\n...\n{text}\n" if text else ""
