"""What this Python can do: a page (Pyodide) starts neither processes nor threads.

What would run in a thread goes through this module, or an executor of `executors`, and runs at once in the
calling thread there. With the variable `COCALC_IN_PAGE=1` any Python does as a page does, where a machine
forbids both.
"""

from __future__ import annotations

import contextvars
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "COCALC_IN_PAGE"
IN_PAGE = sys.platform in ("emscripten", "wasi") or os.environ.get(VARIABLE, "0") not in ("", "0")
"""Whether this Python starts neither processes nor threads."""


def begin(function: Callable[..., object], *args: Any, name: str) -> None:
    """Call a function in a daemon thread, which has a copy of this context."""
    run = contextvars.copy_context().run
    if IN_PAGE:
        run(function, *args)
    else:
        threading.Thread(target=run, args=(function, *args), daemon=True, name=name).start()


def later(seconds: float, function: Callable[..., object], *args: Any) -> None:
    """Call a function after some time: in a thread, or by the event loop of a page; at once without one."""
    if not IN_PAGE:
        timer = threading.Timer(seconds, function, args)
        timer.daemon = True
        timer.start()
        return
    import asyncio  # late: nothing else needs it here

    try:
        asyncio.get_running_loop().call_later(seconds, function, *args)
    except RuntimeError:
        function(*args)
