"""``%cocalc`` and ``%%cocalc``: read, send, return."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from traitlets import Enum

from cocalc_magic.errors import CoCalcError, ConfirmationRequired, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from cocalc_magic.client import Client
    from cocalc_magic.response import Response
    from cocalc_magic.values.reading import Call

# A message of ours as IPython has turned it into Python, standing alone.
_AS_PYTHON = re.compile(r"get_ipython\(\)\.run_(?:line|cell)_magic\('cocalc', (.*)\)", re.DOTALL)


@magics_class
class CoCalc(Magics):
    """The magics of one shell; configured as ``c.CoCalc.view = …`` in IPython's configuration."""

    shell: InteractiveShell

    view = Enum(
        ["widgets", "html", "text"],
        default_value="widgets",
        help="How responses are shown: as live widgets over their HTML, as HTML alone, or as text.",
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell, **options: Any) -> None:
        super().__init__(shell, **options)
        self._client: Client | None = None

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def cocalc(
        self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None
    ) -> Response:
        """Send a message to CoCalc and return its response.

        %cocalc ping
            one message
        %cocalc create_project title="My project" start=yes
            options are name=value; text with blanks needs quotes
        %cocalc project_exec project_id=$pid command="ls -l" -o res
            $name and ${expression} are values of the notebook; -o stores the response

        %%cocalc query
        query: {projects_all: [{project_id: null, title: null}]}
            options from the cell, as YAML or JSON

        %%cocalc project_exec project_id=$pid command=-
        for f in *.csv; do wc -l $f; done
            the whole cell is one option, as it stands

        name:=[1, 2] is JSON, name[]=x an element of an array, name=@file the text of a file.
        --quiet shows nothing, --timeout SECONDS waits longer, --no-raise returns a failed response.

        Messages go to the sandbox, an embedded CoCalc, until COCALC_HOST and COCALC_API_KEY name a server.
        """
        call = self._read(line, cell, local_ns)
        self._ask_first(call)
        response = self._connected().exchange(
            call.message,
            call.options,
            timeout=_seconds(call.flags.get("timeout")),
            raising=not call.flags.get("no-raise"),
        )
        if name := call.flags.get("out"):
            self.shell.user_ns[_variable_name(str(name))] = response
        return response

    def _read(self, line: str, cell: str | None, local_ns: Mapping[str, Any] | None) -> Call:
        from cocalc_magic.values.line import parse
        from cocalc_magic.values.reading import read

        return read(parse(line), cell, {**self.shell.user_ns, **(local_ns or {})})

    def _connected(self) -> Client:
        """The client of the server that the environment chooses; a new one when that has changed."""
        from cocalc_magic import servers
        from cocalc_magic.client import Client

        server, key = servers.configured()
        if self._client is None or (self._client.server, self._client.key) != (server, key):
            if self._client:
                self._client.close()
            self._client = Client(server, key)
        return self._client

    def _ask_first(self, call: Call) -> None:
        """A cell can't wait for an answer, so asking is refusing; on the sandbox nothing asks."""
        if call.message.confirm and not call.flags.get("yes") and not self._connected().server.sandbox:
            raise ConfirmationRequired(f"not sent: {call.message.confirm}", "Run it with --yes")

    # -- showing -----------------------------------------------------------------------------------

    def bundle(self, response: Response, **_: Any) -> dict[str, str]:
        """What a front-end gets to choose from: text, and HTML with the live view behind it."""
        from cocalc_magic import render

        bundle = {"text/plain": render.to_text(response)}
        if self.view == "widgets" and getattr(self.shell, "kernel", None):
            from cocalc_magic import widgets

            bundle["text/html"] = widgets.live(response)
        elif self.view != "text":
            bundle["text/html"] = render.to_html(response)
        return bundle


def load(shell: InteractiveShell) -> None:
    """Registers the magics, and how responses are shown, in this shell."""
    magics = CoCalc(shell, parent=shell)
    shell.register_magics(magics)
    shell.input_transformers_post.append(silenced)
    formatter: Any = shell.display_formatter
    formatter.mimebundle_formatter.for_type_by_name("cocalc_magic.response", "Response", magics.bundle)
    formatter.formatters["text/plain"].for_type_by_name("cocalc_magic.response", "Response", _print_view)


def silenced(lines: list[str]) -> list[str]:
    """The cell with a semicolon at its end, where its last line is a quiet message.

    IPython shows the value of a cell unless its Python ends with a semicolon; one at the end of a
    magic's line is inside of a string by then. The magic itself returns its response in any case.
    """
    match = _AS_PYTHON.fullmatch(lines[-1].rstrip()) if lines else None
    if match is None or not (";" in match[1] or "--quiet" in match[1]):
        return lines
    from cocalc_magic.values.line import parse

    try:
        line = parse(ast.literal_eval(f"({match[1]},)")[0])
    except (CoCalcError, ValueError, SyntaxError):  # the magic will tell
        return lines
    return [*lines[:-1], f"{match[0]};\n"] if line.silent or line.flags.get("quiet") else lines


def _print_view(response: Response, printer: Any, _: bool) -> None:
    """The text view where only text is asked for, as in a terminal; the short repr inside of other values."""
    from cocalc_magic import render

    printer.text(render.to_text(response) if len(printer.stack) <= 1 else repr(response))


def _seconds(text: str | bool | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise InvalidValue(f"--timeout takes seconds, more than 0 and less than a day, not {text!r}.")
    return seconds


def _variable_name(name: str) -> str:
    if not name.isidentifier():
        raise InvalidValue(f"--out takes the name of a variable, not {name!r}.", "Write --out res")
    return name
