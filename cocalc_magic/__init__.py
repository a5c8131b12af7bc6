"""The CoCalc API in a notebook: `%load_ext cocalc_magic`, then `%cocalc ping`.

In a script: `from cocalc_magic import Client`.

From the bottom up: host, executors, sanitize, errors, catalog, design, look, sandbox, response, syntax,
config, bulk, cassette, client, snippets, from_curl, browser, render, session, conformance, lessons, docs,
widgets, course, commands, ipython, cli, pytest_plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.client.async_client import AsyncClient
    from cocalc_magic.client.client import Client
    from cocalc_magic.errors import CoCalcError
    from cocalc_magic.response import Rendering, Response

__all__ = [
    "AsyncClient",
    "BulkResult",
    "Client",
    "CoCalcError",
    "Response",
    "__version__",
    "load_ipython_extension",
    "unload_ipython_extension",
]

__version__ = "0.1.0"

_HOMES = {
    "AsyncClient": "cocalc_magic.client.async_client",
    "BulkResult": "cocalc_magic.bulk.result",
    "Client": "cocalc_magic.client.client",
    "CoCalcError": "cocalc_magic.errors",
    "Response": "cocalc_magic.response",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: `Client` alone costs 100 ms."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # late: with the first name that is used

    value = getattr(import_module(_HOMES[name]), name)
    _show_responses()
    return value


def _show_responses() -> None:
    """Let responses show themselves where no extension does it: beside a plain client, in marimo."""
    from cocalc_magic.response import Response

    def rendered(value: Any) -> Rendering:
        if not isinstance(value, Response):
            from cocalc_magic.render.bulk import RenderedResult  # as below

            return RenderedResult(value)
        from cocalc_magic.render import Rendered  # with the first that is shown

        return Rendered(value)

    Response.renderer = staticmethod(rendered)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%cocalc` and `%%cocalc`, for `%load_ext cocalc_magic`."""
    from cocalc_magic.ipython.magics import load  # late: programs have no IPython

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics away, for `%unload_ext cocalc_magic`.

    `%reload_ext`, which loads them again, keeps server, project and history.
    """
    from cocalc_magic.ipython.magics import unload  # late, as above

    unload(shell)
