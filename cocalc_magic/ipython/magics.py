"""``%cocalc`` and ``%%cocalc``: read, send, return."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from traitlets import Enum, Unicode

from cocalc_magic.errors import CoCalcError, ConfirmationRequired, Interrupted, InvalidValue
from cocalc_magic.ipython import completer, input_transform
from cocalc_magic.sanitize.secret_forms import has_typed_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from IPython.core.interactiveshell import InteractiveShell

    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.render.page import LivePage, Page
    from cocalc_magic.response import Response
    from cocalc_magic.session.session import Session
    from cocalc_magic.syntax.parse import Call


@magics_class
class CoCalc(Magics):
    """The magics of one shell; configured as ``c.CoCalc.view = …`` in IPython's configuration."""

    shell: InteractiveShell

    view = Enum(
        ["widgets", "html", "text", "bundle"],
        default_value="widgets",
        help="How responses are shown: as live widgets over their HTML, as HTML alone, as text, or as any "
        "widget is (bundle: for front-ends that leave the HTML as it is).",
    ).tag(config=True)

    server = Unicode(
        "", help="Name or address of the server that messages go to where nothing in the notebook says one."
    ).tag(config=True)

    app_name = Unicode(
        "cocalc-magic", help="What CoCalc's sign-in page calls the program that asks for a key: yours."
    ).tag(config=True)

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def cocalc(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        """Send a message to CoCalc and return its response.

        %cocalc ping
            one message
        %cocalc create_project title="My project" start=yes
            options are name=value; text with blanks needs quotes
        %cocalc project_exec project_id=$pid command="ls -l" -o res
            $name and ${expression} are values of the notebook; -o stores the response

        %%cocalc query
        query: {projects_all: [{project_id: null, title: null}]}
            options from the cell, as YAML, JSON or a dict of Python

        %%cocalc project_exec project_id=$pid command=-
        for f in *.csv; do wc -l $f; done
            the whole cell is one option, as it stands

        %cocalc create_project ${payload}
            options from a dict of the notebook; **payload does the same, and so does a cell of it alone

        name:=[1, 2] is JSON, name[]=x an element of an array, name=@file the text of a file
        (name=@file:latin-1 where it is not UTF-8).
        --quiet shows nothing, --timeout SECONDS waits longer, --no-raise returns a failed response,
        --show curl gives the message as a curl command. %cocalc help tells the rest.

        Messages go to the sandbox, an embedded CoCalc, until %cocalc login or COCALC_HOST names a server.
        """
        try:
            return self._do(line, cell, local_ns)
        except (CoCalcError, Interrupted) as problem:
            # What it says is all that is shown; frames would show a debugger the passwords asked for.
            problem.__context__ = None
            self.session.last_error = problem
            raise problem.with_traceback(None) from None
        except BaseException as problem:
            self.session.last_error = problem
            raise

    @cached_property
    def session(self) -> Session:
        """What this shell remembers between messages."""
        from cocalc_magic.session.session import Session

        return Session(surroundings=self)

    def _do(self, line: str, cell: str | None, local_ns: Mapping[str, Any] | None) -> Any:
        from cocalc_magic import commands

        first = line.split(None, 1)[0].rstrip(";") if line.strip() else ""
        if first != "from-curl":  # which says itself that it leaves the key out
            _refuse_secrets(line, cell or "")
        if not first and cell is None:
            return commands.run(self.session, "status --offline", None)
        if first in commands.RUN:
            return commands.run(self.session, line, cell, self._names(local_ns))
        call = self._read(line, cell, local_ns)
        if form := call.flags.get("show"):
            return self._shown_as(call, str(form))
        name = _variable_name(str(call.flags["out"])) if "out" in call.flags else ""
        response = self._sent(call)
        if name:
            self.shell.user_ns[name] = response
        return response

    def _read(self, line: str, cell: str | None, local_ns: Mapping[str, Any] | None) -> Call:
        from cocalc_magic import commands
        from cocalc_magic.syntax.line import parse
        from cocalc_magic.syntax.parse import read

        call = read(parse(line), cell, self._names(local_ns), self._supply, commands.RUN)
        for name in set(call.message.secret) & set(call.options):
            if str(call.options[name]) in f"{line}\n{cell}":
                sys.stderr.write(
                    f"The {name} now stands in this notebook and in IPython's history: remove it there.\n"
                )
        return call

    def _names(self, local_ns: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """The variables of the notebook, and those of the function that the magic stands in."""
        return {**self.shell.user_ns, **(local_ns or {})}

    def _supply(self, message: Message, option: Option) -> Callable[[], Any] | None:
        """Find what was left out: the current project is known, a password can be asked of a person."""
        if option.name == message.current_project and (project := self.session.project):
            return lambda: project[0]
        if option.name in message.secret and self.person:
            return lambda: _asked(f"{message.event} {option.name}: ")
        return None

    @property
    def person(self) -> bool:
        """Whether a person can be asked something on the line."""
        if self._has_kernel:
            return bool(getattr(self.shell.kernel, "_allow_stdin", False))  # type: ignore[attr-defined]
        return sys.stdin.isatty()

    @property
    def page(self) -> bool:
        """Whether a page is there that shows widgets, as far as the kernel can know."""
        return self._has_kernel and self.person and self.view in ("widgets", "bundle")

    @property
    def terminal(self) -> bool:
        """Whether a person is at a terminal, where what is written is kept by nobody."""
        return not self._has_kernel and self.person

    @property
    def keep(self) -> Callable[[Any, Any], str]:
        """What gives a DataFrame a name in the notebook."""
        from cocalc_magic.session.namespace import keep_frame

        return partial(keep_frame, self.shell.user_ns)

    def _sent(self, call: Call) -> Response:
        """The response; a person at a terminal is asked first where a cell would fail."""
        try:
            with self._waiting(call) as on_job:
                return self.session.send(call, on_job)
        except ConfirmationRequired as asking:
            if self.page:
                self._show_send(call, asking.problem)
            if self._has_kernel or not self.person or not _agreed(f"{asking.problem} Send it? [y/N] "):
                raise
        with self._waiting(call) as on_job:
            return self.session.send(replace(call, flags={**call.flags, "yes": True}), on_job)

    def _waiting(self, call: Call) -> AbstractContextManager[Callable[[], None] | None]:
        """Says what is waited for after a second, where a person is there who did not ask for quiet."""
        server = str(call.flags.get("server") or self.session.choice().server)
        quiet = call.silent or bool(call.flags.get("quiet"))
        return self.waiting(call.message.event, server, quiet=quiet)

    def waiting(
        self, what: str, server: str, words: Callable[[], str] | None = None, *, quiet: bool = False
    ) -> AbstractContextManager[Callable[[], None] | None]:
        """Say while a block runs how far it is, where a person is there who did not ask for quiet."""
        if quiet or not self.person:
            return nullcontext()
        from cocalc_magic.ipython import progress as waiting

        if self._has_kernel:
            stop = "The kernel's stop button (or I, I)"
            shown = waiting.Progress(self.shell.display_pub, ticking=self.view == "widgets")
            return waiting.waiting(what, server, stop, shown.show, words)
        return waiting.waiting(what, server, "Ctrl-C", waiting.show_on_line, words)

    def _show_send(self, call: Call, reason: str) -> None:
        """A button for what asks first: a cell can't wait for a click, so it fails beside it."""
        from cocalc_magic import widgets
        from cocalc_magic.render.blocks import Note
        from cocalc_magic.render.page import LivePage

        named = call.flags.get("server")
        server = self.session.choice(None if named is None else str(named)).server  # whichever is used later
        agreed = replace(call, flags={**call.flags, "server": server, "yes": True})
        page = LivePage(
            (Note("Not sent; in a notebook that runs, a button here sends it."),),
            lambda: widgets.SendAgain(
                lambda on_job: self.session.send(agreed, on_job),
                asks=False,
                name="Send",
                meaning=reason,
                event=call.message.event,
                server=server,
            ),
        )
        publisher: Any = self.shell.display_pub
        publisher.publish(self.page_bundle(page))

    def _shown_as(self, call: Call, form: str) -> Page:
        from cocalc_magic import snippets
        from cocalc_magic.render.blocks import Pre
        from cocalc_magic.render.page import Page
        from cocalc_magic.response import Request

        call = self.session.with_ids(call)
        event = call.message.event
        options = Request(event, call.options, call.message.secret).shown()
        if form == "message":
            return Page((Pre(snippets.message(event, options)),))
        writers = {"curl": snippets.curl, "httpie": snippets.httpie, "python": snippets.python}
        server = call.flags.get("server")
        client = self.session.keyless(None if server is None else str(server))
        if form != "python":  # which finds out by itself what the server speaks
            event, options = client.router.first_message(event, options)
        keywords = {"form": True} if call.flags.get("form") and form != "python" else {}
        return Page((Pre(writers[form](client.server.url, event, options, **keywords)),))

    # -- showing -----------------------------------------------------------------------------------

    def response_bundle(self, response: Response, **_: Any) -> dict[str, Any]:
        """What a front-end gets of a response to choose from, as IPython asks for it."""
        from cocalc_magic.ipython import display

        return display.of_response(response, self.session, self.view, kernel=self._has_kernel)

    def page_bundle(self, page: LivePage, **_: Any) -> dict[str, Any]:
        """What a front-end gets of a form, a dialog or the explorer."""
        from cocalc_magic.ipython import display

        return display.of_page(page, self.view)

    @property
    def _has_kernel(self) -> bool:
        return getattr(self.shell, "kernel", None) is not None


def load(shell: InteractiveShell) -> None:
    """Registers the magics, and how responses are shown, in this shell."""
    magics = CoCalc(shell, parent=shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(input_transform.mended)
    shell.input_transformers_post.append(input_transform.silenced)
    matcher = completer.matcher(lambda: shell.user_ns, lambda: magics.session.titles)
    shell.Completer.custom_matchers.append(matcher)
    formatter: Any = shell.display_formatter
    formatter.mimebundle_formatter.for_type_by_name(
        "cocalc_magic.response", "Response", magics.response_bundle
    )
    formatter.mimebundle_formatter.for_type_by_name(
        "cocalc_magic.render.page", "LivePage", magics.page_bundle
    )
    formatter.formatters["text/plain"].for_type_by_name("cocalc_magic.response", "Response", _print_view)


def _print_view(response: Response, printer: Any, _: bool) -> None:
    """The text view where only text is asked for, as in a terminal; the short repr inside of other values."""
    from cocalc_magic import render

    printer.text(render.to_text(response) if len(printer.stack) <= 1 else repr(response))


def _refuse_secrets(line: str, body: str) -> None:
    """Raises where a key stands in a cell; in a body that is one text a person is told of it."""
    if not has_typed_secret(line, body):
        return
    from cocalc_magic.config import typed_secrets  # late: few cells hold what may be a secret

    typed_secrets.refuse(line, body)
    sys.stderr.write(typed_secrets.warning(line, body))


def _asked(question: str) -> str | None:
    from getpass import getpass

    return getpass(question) or None


def _agreed(question: str) -> bool:
    return input(question).strip().lower() in ("y", "yes")


def _variable_name(name: str) -> str:
    if not name.isidentifier():
        raise InvalidValue(f"--out takes the name of a variable, not {name!r}.", "Write --out res")
    return name
