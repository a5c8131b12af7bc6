"""The CoCalc API in a notebook: `%load_ext cocalc_magic`, then `%cocalc ping`.

In a script: `from cocalc_magic import Client`.

From the bottom up: sanitize, errors, catalog, design, sandbox, response, syntax, config, client, snippets,
from_curl, browser, session, render, widgets, commands, ipython.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from cocalc_magic.client.client import Client
    from cocalc_magic.errors import CoCalcError
    from cocalc_magic.response import Response

__all__ = ["Client", "CoCalcError", "Response", "__version__", "load_ipython_extension"]

__version__ = "0.1.0"

_HOMES = {
    "Client": "cocalc_magic.client.client",
    "CoCalcError": "cocalc_magic.errors",
    "Response": "cocalc_magic.response",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: `Client` alone costs 100 ms."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%cocalc` and `%%cocalc`, for `%load_ext cocalc_magic`."""
    from cocalc_magic.ipython.magics import load

    load(shell)
