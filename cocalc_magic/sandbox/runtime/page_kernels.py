"""Code in this Python, where no kernel can be started: a namespace of its own for each request.

It is not isolated, and can't be interrupted: its time is looked at between two inputs.
"""

from __future__ import annotations

import atexit
import base64
import io
import json
import os
import re
import sys
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.runtime.kernels import Code, Limits, Ran
from cocalc_magic.sandbox.runtime.outputs import Outputs
from cocalc_magic.sandbox.runtime.this_python import running, text_stream
from cocalc_magic.sandbox.storage.cache import SingleFlightCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Add = Callable[[str, dict[str, Any]], None]

NAME = "python3"
_NO_DRAWING = re.compile(r"^%matplotlib\b.*$", re.MULTILINE)  # plots are shown without it


class PageKernels:
    """The one kernel of a page, as `KernelRunner`; IPython has its settings below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.limits = Limits()
        self.cache: SingleFlightCache[Ran] = SingleFlightCache(20_000_000)
        self._settings = str(folder / "ipython")

    def list(self) -> list[dict[str, Any]]:
        """Return the kernel in the recorded form."""
        kernel = {"name": NAME, "display_name": "Python 3 (of this page)", "language": "python"}
        return [{**kernel, "env": {}, "metadata": {}, "resource_dir": "", "argv": []}]

    def run(self, code: Code, limits: Limits | None = None) -> Ran:
        """Run code in a fresh namespace. Raises `Failed` for another kernel."""
        if code.kernel != NAME:
            raise Thrown(f"there is no kernel {code.kernel!r} here; there are: {NAME}")
        limits, began = limits or self.limits, time.monotonic()
        environ = {**dict(code.environ), "HOME": code.home, "COCALC_PROJECT_ID": code.project_id}
        outputs = Outputs(limits.output, limits.all_output)
        stdout, stderr = _Stream("stdout"), _Stream("stderr")

        def add(kind: str, content: dict[str, Any]) -> None:
            for stream in (stdout, stderr):
                stream.pass_on()
            outputs.add(kind, content)

        with (
            running(code.folder, environ, text_stream(stdout), text_stream(stderr)) as namespace,
            _interpreter(self._settings, namespace, add) as interpreter,
        ):
            for text in (*code.history, code.input):
                if time.monotonic() - began > limits.all_inputs:
                    outputs.complete = False
                    break
                outputs = stdout.outputs = stderr.outputs = Outputs(limits.output, limits.all_output)
                result = interpreter.run_cell(_NO_DRAWING.sub("", text), store_history=True)
                if isinstance(result.error_in_exec, KeyboardInterrupt):  # the notebook's, whose Python it is
                    raise result.error_in_exec
                for figure in _figures():
                    add("display_data", {"data": figure, "metadata": {}})
                for stream in (stdout, stderr):
                    stream.pass_on()
        items = json.loads(json.dumps(outputs.items, default=str), parse_constant=lambda _: None)
        return Ran(items, time.monotonic() - began, outputs.complete, code.project_id)

    def keep_ready(self, code: Code) -> None:
        """Do nothing: it is ready."""

    def of_project(self, project_id: str) -> dict[int, str]:
        """Return nothing: no kernel lives between two requests."""
        del project_id
        return {}

    def end(self, project_id: str, process_id: int) -> bool:
        """Return False: there is none."""
        del project_id, process_id
        return False

    def close(self) -> None:
        """Do nothing: none is ready."""


class _Stream(io.RawIOBase):
    """A standard stream whose text becomes an output, as soon as something else is one."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._data = name, bytearray()
        self.outputs = Outputs()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Keep what is written, as far as its output may be long."""
        piece = bytes(data)
        if len(self._data) <= 4 * self.outputs.total:
            self._data += piece
        return len(piece)

    def pass_on(self) -> None:
        """Add what was written as an output."""
        text = self._data.decode("utf-8", "replace")
        self._data.clear()
        if text:
            self.outputs.add("stream", {"name": self._name, "text": text})


@contextmanager
def _interpreter(folder: str, namespace: dict[str, Any], add: Add) -> Iterator[Any]:
    """Yield an IPython of its own, whose results and errors are added as outputs.

    It is what `display()` and `get_ipython()` find meanwhile, in place of that of the notebook.
    """
    from IPython.core.interactiveshell import InteractiveShell  # late: a start does not need it

    os.environ.setdefault("MPLBACKEND", "agg")
    shell: Any = _shell_class(add)(ipython_dir=folder, user_module=sys.modules["__main__"], user_ns=namespace)
    atexit.unregister(shell.atexit_operations)
    classes = [each for each in InteractiveShell.__mro__ if "_instance" in vars(each)]
    before = {each: vars(each)["_instance"] for each in classes}
    try:
        for each in {*classes, InteractiveShell}:
            setattr(each, "_instance", shell)  # noqa: B010 - a name of traitlets
        yield shell
    finally:
        for each in {*classes, InteractiveShell}:
            setattr(each, "_instance", before.get(each))  # noqa: B010 - as above


def _shell_class(add: Add) -> Any:
    """Return an IPython that makes outputs of results and errors, and keeps no history."""
    from IPython.core.compilerop import CachingCompiler  # late, as above
    from IPython.core.error import UsageError
    from IPython.core.history import HistoryManager
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type

    class Compiler(CachingCompiler):
        def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
            """Return the name of a file, as a kernel has it: errors are shown by that."""
            del transformed_code, number
            return f"/tmp/ipykernel_{os.getpid()}/{zlib.crc32(raw_code.encode())}.py"  # noqa: S108 - no file

    class History(HistoryManager):
        def __init__(self, **how: Any) -> None:
            super().__init__(**how, hist_file=":memory:", enabled=False)

    class Shell(InteractiveShell):
        compiler_class = Type(Compiler)
        displayhook_class = Type(_hook_class(add))
        display_pub_class = Type(_publisher_class(add))

        def init_history(self) -> None:
            history: Any = History(shell=self, parent=self)
            self.history_manager = history
            self.configurables.append(history)

        def init_prompts(self) -> None:
            """Leave the prompts of this Python as they are."""

        def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
            add("error", {"traceback": stb, "ename": str(etype.__name__), "evalue": str(evalue)})

        def system(self, cmd: str) -> None:
            """Refuse a command: nothing is started here."""
            raise UsageError(f"{cmd}: commands run by project_exec here")

        def getoutput(self, cmd: str, *_: Any, **__: Any) -> None:
            """Refuse a command, as above."""
            self.system(cmd)

        def ask_exit(self) -> None:
            """Do nothing: it ends with the request."""

    return Shell


def _hook_class(add: Add) -> Any:
    from IPython.core.displayhook import DisplayHook  # late, as above

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None:
            """Write none."""

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            """Add the value of a last line."""
            add("execute_result", {"data": format_dict, "metadata": md_dict or {}})

        def finish_displayhook(self) -> None:
            """Write no end of line."""
            self._is_active = False

    return Hook


def _publisher_class(add: Add) -> Any:
    from IPython.core.displaypub import DisplayPublisher  # late, as above

    class Publisher(DisplayPublisher):
        def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
            """Add what is displayed."""
            add("display_data", {"data": data, "metadata": metadata or {}})

        def clear_output(self, wait: bool = False) -> None:
            """Drop the outputs before."""
            del wait
            add("clear_output", {})

    return Publisher


def _figures() -> Iterator[dict[str, str]]:
    """Yield the open plots of matplotlib as pictures, and close them."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else ():
        figure, picture = pyplot.figure(number), io.BytesIO()
        figure.savefig(picture, format="png", bbox_inches="tight")
        pyplot.close(number)
        yield {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": str(figure)}
