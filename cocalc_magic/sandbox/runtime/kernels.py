"""Run code in Jupyter kernels: a fresh kernel for each request, in its project, ended after it.

`jupyter_client` is imported with the first kernel, since its import is slow.
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
from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.runtime.kernel_client import Kernel, connection_file
from cocalc_magic.sandbox.runtime.kernel_pool import KernelPool, Place
from cocalc_magic.sandbox.runtime.outputs import LIMIT, TOTAL, Output, Outputs
from cocalc_magic.sandbox.runtime.process_groups import INHERITED
from cocalc_magic.sandbox.storage.cache import SingleFlightCache
from cocalc_magic.sandbox.storage.folders.tree import remove_path
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.kernelspec import KernelSpec

    from cocalc_magic.sandbox.runtime.process_groups import Groups

_INSTALL = (
    "the sandbox runs kernels by jupyter_client, which its Python lacks; type "
    f"{sys.executable} -m pip install jupyter_client ipykernel, and start the sandbox again"
)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")  # in the arguments that start a kernel
_number = itertools.count(1)
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Limits:
    """Limits: seconds, characters of JSON, and the number of kernels at once."""

    input: float = 30.0
    all_inputs: float = 45.0
    start: float = 30.0
    grace: float = 2.0  # between interrupt and kill
    output: float = LIMIT
    all_output: float = TOTAL
    kernels: int = 8


@dataclass(frozen=True)
class Code:
    """Code, and where to run it. Earlier inputs (`history`) run first, and their output is dropped."""

    input: str
    kernel: str
    project_id: str
    folder: str
    home: str
    history: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Ran:
    """The output of code, and its time (milliseconds since 1970), not `complete` where it was cut."""

    output: list[Output]
    seconds: float
    complete: bool
    project_id: str
    created: int = field(default_factory=now)
    number: int = field(default_factory=lambda: next(_number))


class KernelRunner(Protocol):
    """What runs the code of one sandbox."""

    cache: SingleFlightCache[Ran]
    limits: Limits

    def list(self) -> list[dict[str, Any]]:
        """Return the kernels that there are, in the recorded form, by name."""

    def run(self, code: Code, limits: Limits | None = None) -> Ran:
        """Run code as in a new kernel. Raises `Failed`."""

    def keep_ready(self, code: Code) -> None:
        """Prepare for the next code of this project, kernel and folder."""

    def of_project(self, project_id: str) -> dict[int, str]:
        """Return the living kernels of a project, as process id -> connection file."""

    def end(self, project_id: str, process_id: int) -> bool:
        """End a kernel of a project; return False where it has no such kernel."""

    def close(self) -> None:
        """End the kernels that were kept ready."""


class Kernels:
    """The kernels of one sandbox; `folder` is a private one, for connection files."""

    def __init__(self, groups: Groups, folder: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.cache: SingleFlightCache[Ran] = SingleFlightCache(20_000_000)
        self._groups, self._folder = groups, folder
        self._free = threading.Semaphore(self.limits.kernels)
        self._pool = KernelPool()
        self._living: dict[int, tuple[str, Kernel]] = {}  # process -> project and kernel

    def list(self) -> list[dict[str, Any]]:
        """Return the kernels of this machine, in the recorded form, by name."""
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
            for name, spec in sorted(_specs().items())
        ]

    def run(self, code: Code, limits: Limits | None = None) -> Ran:
        """Run code in a new kernel, or in one that was kept ready for it, and end that.

        `limits` are limits of time, in place of the default ones. Raises `Failed` where there is no
        such kernel, it does not start or dies, or as many run as may.
        """
        spec = _specs().get(code.kernel)
        if spec is None:
            names = ", ".join(sorted(_specs())) or f"none; type {sys.executable} -m pip install ipykernel"
            raise Thrown(f"there is no kernel {code.kernel!r} here; there are: {names}")
        if not self._free.acquire(blocking=False):
            raise Thrown(
                f"{self.limits.kernels} kernels run already, and the sandbox runs no more at once; "
                "wait until one has ended, and send it again"
            )
        try:
            stack, kernel = self._pool.take(_place(code)) or self._start(spec, code)
            with stack:
                return _run(kernel, code, limits or self.limits)
        finally:
            self._free.release()

    def keep_ready(self, code: Code) -> None:
        """Start a kernel for the next code of this project, kernel and folder, unless one is ready."""
        spec = _specs().get(code.kernel)
        if spec is not None and not self._pool.has(_place(code)):
            self._pool.put(_place(code), *self._start(spec, code))

    def of_project(self, project_id: str) -> dict[int, str]:
        """Return the living kernels of a project, as process id -> connection file."""
        theirs = (kernel for project, kernel in list(self._living.values()) if project == project_id)
        return {kernel.process_id: kernel.file for kernel in theirs if kernel.alive}

    def end(self, project_id: str, process_id: int) -> bool:
        """End a kernel of a project; return False where it has no such kernel."""
        if process_id not in self.of_project(project_id):
            return False
        kernel = self._living[process_id][1]
        if not self._pool.end(kernel):
            kernel.end()  # the code in it fails
        return True

    def close(self) -> None:
        """End the kernels that were kept ready."""
        self._pool.close()

    def _start(self, spec: KernelSpec, code: Code) -> tuple[ExitStack, Kernel]:
        """Start a kernel; return it with what ends it."""
        stack = ExitStack()
        kernel = stack.enter_context(_kernel(self._groups, self._folder, spec, code))
        self._living[kernel.process_id] = code.project_id, kernel
        stack.callback(self._living.pop, kernel.process_id, None)
        return stack, kernel


def _place(code: Code) -> Place:
    return code.project_id, code.kernel, code.folder, code.environ


def _run(kernel: Kernel, code: Code, limits: Limits) -> Ran:
    kernel.wait_until_ready(limits.start)
    began = time.monotonic()
    last = began + limits.all_inputs
    outputs = Outputs(limits.output, limits.all_output)
    for text in (*code.history, code.input):
        outputs = Outputs(limits.output, limits.all_output)
        seconds = min(limits.input, last - time.monotonic())
        if not kernel.execute(text, outputs, seconds, limits.grace):
            outputs.complete = False  # what the kernel says of its interruption is all that is told
            break
    # Numbers that JSON does not have become null.
    items = json.loads(json.dumps(outputs.items), parse_constant=lambda _: None)
    return Ran(items, time.monotonic() - began, outputs.complete, code.project_id)


@contextmanager
def _kernel(groups: Groups, folder: Path, spec: KernelSpec, code: Code) -> Iterator[Kernel]:
    """Start a kernel, and end it and clean up afterwards."""
    with ExitStack() as stack:
        try:
            private = stack.enter_context(_private_folder(folder))
            connection = connection_file(Path(private), spec.language)
            # Its history and profile stay out of the project; it ends when its parent has ended.
            environ = {**dict(code.environ), "IPYTHONDIR": private, "JPY_PARENT_PID": str(groups.parent)}
            environ |= {name: _expand(str(text)) for name, text in spec.env.items()}
            output = stack.enter_context(open(Path(private) / "output", "w+b"))
            process = groups.start(
                _command(spec, private), code.project_id, code.folder, code.home, environ, output
            )
        except (OSError, ValueError) as problem:
            raise Thrown(f"the kernel {code.kernel!r} does not start: {problem}") from None
        kernel = Kernel(groups, process, connection, output, spec.interrupt_mode == "message")
        try:
            yield kernel
        finally:
            kernel.close()
            groups.forget_ended()


@contextmanager
def _private_folder(parent: Path) -> Iterator[str]:
    """Make a folder for one kernel, and remove it afterwards."""
    folder = tempfile.mkdtemp(dir=parent, prefix="k")
    try:
        yield folder
    finally:
        remove_path(folder)


def _specs() -> dict[str, KernelSpec]:
    """Return the kernels of this machine by name. Raises `Failed` where jupyter_client is missing."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        raise Thrown(_INSTALL) from None
    manager = KernelSpecManager()
    specs = {}
    for name in manager.find_kernel_specs():
        with suppress(NoSuchKernel, ValueError, TypeError):  # a broken file is ignored
            specs[name] = manager.get_kernel_spec(name)
    return specs


def _command(spec: KernelSpec, private: str) -> list[str]:
    """Return the command that starts a kernel; a Python without a path is the sandbox's own."""
    places = {
        "connection_file": str(Path(private) / "connection.json"),
        "resource_dir": spec.resource_dir,
        "prefix": sys.prefix,
    }
    words = [_PLACEHOLDER.sub(lambda match: places.get(match[1], match[0]), word) for word in spec.argv]
    own = ("python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info[:2]))
    return [sys.executable, *words[1:]] if words[:1] and words[0] in own else words


def _expand(text: str) -> str:
    """Expand the variables in a value of a kernel's environment, if commands have them."""
    return _VARIABLE.sub(lambda match: os.environ.get(match[1], "") if match[1] in INHERITED else "", text)
