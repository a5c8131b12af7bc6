"""Running code in Jupyter kernels: a fresh kernel for each request, in its project, ended after it.

``jupyter_client`` is imported when the first kernel is asked for, since it takes its time.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.runtime.kernel_client import Kernel, connection_file
from cocalc_magic.sandbox.runtime.kernel_pool import Spares
from cocalc_magic.sandbox.runtime.outputs import LIMIT, Output, Outputs
from cocalc_magic.sandbox.runtime.process_groups import INHERITED
from cocalc_magic.sandbox.storage.cache import SingleFlightCache
from cocalc_magic.sandbox.storage.folders.tree import remove_path
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.kernelspec import KernelSpec

    from cocalc_magic.sandbox.runtime.process_groups import Groups

_INSTALL = (
    "Error: the sandbox runs kernels by jupyter_client, which its Python lacks; type "
    f"{sys.executable} -m pip install jupyter_client ipykernel, and start the sandbox again"
)
_PLACE = re.compile(r"\{(\w+)\}")  # in the words that start a kernel
_number = itertools.count(1)
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Limits:
    """Seconds, characters of JSON, and how many kernels there are at once."""

    input: float = 30.0
    all_inputs: float = 45.0
    start: float = 30.0
    grace: float = 2.0  # between the interrupt and the end
    output: int = LIMIT
    kernels: int = 8


@dataclass(frozen=True)
class Code:
    """What to run and where. Earlier inputs (``history``) run first, and their output is dropped."""

    input: str
    kernel: str
    project_id: str
    folder: str
    home: str
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ran:
    """What code gave, and when (milliseconds since 1970); ``complete`` is false when a limit cut it."""

    output: list[Output]
    seconds: float
    complete: bool
    project_id: str
    created: int = field(default_factory=now)
    number: int = field(default_factory=lambda: next(_number))


class Kernels:
    """The kernels of one sandbox. ``room`` is a folder of its owner alone, for connection files."""

    def __init__(self, groups: Groups, room: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.cache: SingleFlightCache[Ran] = SingleFlightCache(20_000_000)
        self._groups, self._room = groups, room
        self._free = threading.Semaphore(self.limits.kernels)
        self._spares = Spares()
        self._living: dict[int, tuple[str, Kernel]] = {}  # process -> its project and kernel

    def list(self) -> list[dict[str, Any]]:
        """The kernels of this machine, in the recorded form, by name."""
        found = _specs()
        return [
            {
                "name": name,
                "display_name": spec.display_name,
                "language": spec.language,
                "env": spec.env,
                "metadata": spec.metadata,
                "resource_dir": spec.resource_dir,
                "argv": spec.argv,
            }
            for name, spec in sorted(found.items())
        ]

    def run(self, code: Code, limits: Limits | None = None) -> Ran:
        """Runs code in a new kernel, or in one that was kept ready for it, and ends that. Blocks.

        ``limits`` are of time, in place of those that hold for all. Raises :class:`Failed` when there is no
        such kernel, it does not start or dies, or as many run as may.
        """
        spec = _specs().get(code.kernel)
        if spec is None:
            names = ", ".join(sorted(_specs())) or f"none; type {sys.executable} -m pip install ipykernel"
            raise Failed(f"Error: there is no kernel {code.kernel!r} here; there are: {names}")
        if not self._free.acquire(blocking=False):
            raise Failed(
                f"Error: {self.limits.kernels} kernels run already, and the sandbox runs no more at once; "
                "wait until one has ended, and send it again"
            )
        try:
            stack, kernel = self._spares.take(_place(code)) or self._opened(spec, code)
            with stack:
                return _run(kernel, code, limits or self.limits)
        finally:
            self._free.release()

    def keep_ready(self, code: Code) -> None:
        """Starts a kernel for the next code of this project, kernel and folder, unless one waits already."""
        spec = _specs().get(code.kernel)
        if spec is not None and not self._spares.has(_place(code)):
            self._spares.put(_place(code), *self._opened(spec, code))

    def of_project(self, project_id: str) -> dict[int, str]:
        """The kernels of a project that live: process -> the file that says how to reach it."""
        theirs = (kernel for project, kernel in list(self._living.values()) if project == project_id)
        return {kernel.process_id: kernel.file for kernel in theirs if kernel.alive}

    def end(self, project_id: str, process_id: int) -> bool:
        """Ends a kernel of a project; false when it has no such kernel."""
        if process_id not in self.of_project(project_id):
            return False
        kernel = self._living[process_id][1]
        if not self._spares.end(kernel):
            kernel.end()  # whose code runs in it is told
        return True

    def close(self) -> None:
        """Ends the kernels that were kept ready."""
        self._spares.close()

    def _opened(self, spec: KernelSpec, code: Code) -> tuple[ExitStack, Kernel]:
        """A kernel that has been started, and what ends it."""
        stack = ExitStack()
        kernel = stack.enter_context(_kernel(self._groups, self._room, spec, code))
        self._living[kernel.process_id] = code.project_id, kernel
        stack.callback(self._living.pop, kernel.process_id, None)
        return stack, kernel


def _place(code: Code) -> tuple[str, str, str]:
    return code.project_id, code.kernel, code.folder


def _run(kernel: Kernel, code: Code, limits: Limits) -> Ran:
    kernel.wait_until_ready(limits.start)
    began = time.monotonic()
    last = began + limits.all_inputs
    outputs = Outputs(limits.output)
    for text in (*code.history, code.input):
        outputs = Outputs(limits.output)
        seconds = min(limits.input, last - time.monotonic())
        if not kernel.execute(text, outputs, seconds, limits.grace):
            outputs.note(
                f"Interrupted: the sandbox gives an input {limits.input:g} s at most, "
                f"and all inputs of a message {limits.all_inputs:g} s.\n"
            )
            break
    # What is no number in JSON becomes null.
    items = json.loads(json.dumps(outputs.items), parse_constant=lambda _: None)
    return Ran(items, time.monotonic() - began, outputs.complete, code.project_id)


@contextmanager
def _kernel(groups: Groups, room: Path, spec: KernelSpec, code: Code) -> Iterator[Kernel]:
    """A kernel that has been started, and is ended and cleared away afterwards."""
    with ExitStack() as stack:
        try:
            private = stack.enter_context(_private_folder(room))
            connection = connection_file(Path(private), spec.language)
            # Its history and profile stay out of the project; it ends when its parent has gone.
            environ = {"IPYTHONDIR": private, "JPY_PARENT_PID": str(groups.parent)}
            environ |= {name: _expanded(str(text)) for name, text in spec.env.items()}
            said = stack.enter_context(open(Path(private) / "said", "w+b"))
            process = groups.start(
                _words(spec, private), code.project_id, code.folder, code.home, environ, said
            )
        except (OSError, ValueError) as problem:
            raise Failed(f"Error: the kernel {code.kernel!r} does not start: {problem}") from None
        kernel = Kernel(groups, process, connection, said, spec.interrupt_mode == "message")
        try:
            yield kernel
        finally:
            kernel.close()
            groups.forget_ended()


@contextmanager
def _private_folder(room: Path) -> Iterator[str]:
    """A folder of its own for one kernel, which may put anything into it."""
    folder = tempfile.mkdtemp(dir=room, prefix="k")
    try:
        yield folder
    finally:
        remove_path(folder)


def _specs() -> dict[str, KernelSpec]:
    """The kernels of this machine by name. Raises :class:`Failed` where jupyter_client is missing."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        raise Failed(_INSTALL) from None
    manager = KernelSpecManager()
    found = {}
    for name in manager.find_kernel_specs():
        with suppress(NoSuchKernel, ValueError, TypeError):  # a file that is broken is no kernel
            found[name] = manager.get_kernel_spec(name)
    return found


def _words(spec: KernelSpec, private: str) -> list[str]:
    """The program of a kernel and its arguments; a Python without a path is the sandbox's own."""
    places = {
        "connection_file": str(Path(private) / "connection.json"),
        "resource_dir": spec.resource_dir,
        "prefix": sys.prefix,
    }
    words = [_PLACE.sub(lambda found: places.get(found[1], found[0]), word) for word in spec.argv]
    own = ("python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info[:2]))
    return [sys.executable, *words[1:]] if words[:1] and words[0] in own else words


def _expanded(text: str) -> str:
    """A value of a kernel's environment, which may name variables that commands have."""
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], "") if found[1] in INHERITED else "", text)
