"""The magics `%cocalc` and `%%cocalc`: parse, send, return."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from traitlets import Enum, TraitError, Unicode, default, validate

from cocalc_magic.errors import BulkFailed, CoCalcError, Interrupted, InvalidValue
from cocalc_magic.ipython.display import ShellFrontend
from cocalc_magic.syntax.flags import SHELL_VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from cocalc_magic.catalog import Message
    from cocalc_magic.session.session import Session
    from cocalc_magic.syntax.line import Line
    from cocalc_magic.syntax.parse import Call


@magics_class
class CoCalc(Magics):
    """The magics of one shell; configured as `c.CoCalc.view = …` in IPython's configuration."""

    shell: InteractiveShell

    view = Enum(
        SHELL_VIEWS,
        help="How responses are shown: as live widgets over their HTML, as HTML alone, as text, or as any "
        "widget is (bundle: for front-ends that leave the HTML as it is, as VS Code and Colab do, where "
        "it is the default).",
    ).tag(config=True)

    @default("view")
    def _default_view(self) -> str:
        from cocalc_magic.ipython.front_ends import default_view  # late: with the first value that is shown

        return default_view()

    server = Unicode(
        "", help="Name or address of the server that messages go to, unless the notebook names one."
    ).tag(config=True)

    app_name = Unicode(
        "cocalc-magic", help="What CoCalc's sign-in page calls the program that asks for a key: yours."
    ).tag(config=True)

    app_title = Unicode("", help="Name of your product, above its forms and on the sandbox's pages.").tag(
        config=True
    )

    logo = Unicode(
        "", help="File with the logo of your product: PNG, JPEG, GIF, WebP, or SVG without scripts."
    ).tag(config=True)

    accent = Unicode(
        "", help="Colour of what is to be done first in your product's forms: #2b5aa8. Pale ones are refused."
    ).tag(config=True)

    @validate("app_title", "logo", "accent")
    def _checked(self, proposal: Any) -> str:
        if not proposal.value:
            return ""
        from cocalc_magic.look import read  # late: few notebooks are another product's

        field = {"app_title": "title"}.get(proposal.trait.name, proposal.trait.name)
        try:
            read(**{field: proposal.value})
        except CoCalcError as problem:
            raise TraitError(str(problem)) from None
        return str(proposal.value)

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

        %cocalc create_project --each students.csv title="${row.name}'s project"
            one message a row, each exactly once; %cocalc help --each

        name:=[1, 2] is JSON, name[]=x an element of an array, name=@file the text of a file
        (name=@file:latin-1 where it is not UTF-8).
        --quiet shows nothing, --timeout SECONDS waits longer, --no-raise returns a failed response,
        --show curl gives the message as a curl command. %cocalc help tells the rest.

        Messages go to the sandbox, an embedded CoCalc, until %cocalc login or COCALC_HOST names a server.
        """
        try:
            return self._do(line, cell, local_ns)
        except (CoCalcError, Interrupted) as problem:
            # Only the message is shown; frames would show a debugger the passwords asked for.
            problem.__context__ = None
            self.session.note_failure(problem)
            raise problem.with_traceback(None) from None
        except BaseException as problem:
            self.session.note_failure(problem)
            raise

    @cached_property
    def session(self) -> Session:
        """State that this shell keeps between messages, also while the extension is loaded anew."""
        session = _SESSIONS.get(self.shell)
        if session is None:
            from cocalc_magic.session.session import Session  # late: with the first message

            session = _SESSIONS[self.shell] = Session(frontend=self.frontend)
        session.frontend = self.frontend
        return session

    @cached_property
    def matcher(self) -> Any:
        """The matcher for IPython's completer."""
        return _matcher(self)

    @cached_property
    def frontend(self) -> ShellFrontend:
        """The front end that shows what the magics return."""
        return ShellFrontend(self)

    def _do(self, line: str, cell: str | None, local_ns: Mapping[str, Any] | None) -> Any:
        from cocalc_magic import commands  # late: with the first message

        words = line.split()
        if words and words[-1] in commands.HELP:
            return commands.run(self.session, " ".join(commands.help_instead(words)), None)
        first = words[0].rstrip(";") if words else ""
        if first != "from-curl":  # which leaves the key out and says so
            _refuse_secrets(line, cell or "")
        if not first and cell is None:
            return commands.run(self.session, "status --offline", None)
        if first in commands.RUN:
            return commands.run(self.session, line, cell, self._names(local_ns), self._keep)
        from cocalc_magic.syntax.line import parse  # late: commands need no message

        parsed = parse(line)
        if "each" in parsed.flags:
            return self._send_each(parsed, cell, local_ns)
        call = self._parse(parsed, cell, local_ns)
        if form := call.flags.get("show"):
            return commands.show(self.session, call, str(form))
        name = _variable_name(str(call.flags["out"])) if "out" in call.flags else ""
        response = self.session.run(call)
        if name:
            self.shell.user_ns[name] = response
        return response

    def _send_each(self, line: Line, cell: str | None, local_ns: Mapping[str, Any] | None) -> Any:
        """Send a message a row."""
        from cocalc_magic import commands  # late, as above
        from cocalc_magic.session import bulk  # late: few sessions send many

        work = bulk.read(self.session, line, cell, self._names(local_ns), commands.RUN)
        name = _variable_name(str(work.flags["out"])) if "out" in work.flags else ""
        if work.first is not None:
            _warn_of_secrets(work.message, work.first.options, f"{line.text}\n{cell}")
        try:
            value = bulk.do(self.session, work)
        except BulkFailed as failure:
            if name:
                self.shell.user_ns[name] = failure.result
            raise
        if name:
            self.shell.user_ns[name] = value
        return value

    def _keep(self, name: str, value: Any) -> None:
        """Store a value of a command under the name that its line gives."""
        self.shell.user_ns[_variable_name(name)] = value

    def _parse(self, line: Line, cell: str | None, local_ns: Mapping[str, Any] | None) -> Call:
        from cocalc_magic import commands  # late, as above
        from cocalc_magic.syntax.parse import read

        call = read(line, cell, self._names(local_ns), self.session.default, commands.RUN)
        _warn_of_secrets(call.message, call.options, f"{line.text}\n{cell}")
        return call

    def _names(self, local_ns: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Return the variables of the notebook, and those of the function that calls the magic."""
        return {**self.shell.user_ns, **(local_ns or {})}


_SESSIONS: WeakKeyDictionary[InteractiveShell, Session] = WeakKeyDictionary()


def load(shell: InteractiveShell) -> None:
    """Register the magics, Tab completion, and how responses are shown, in this shell."""
    magics = CoCalc(shell, parent=shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(_transform_cell)
    shell.input_transformers_post.append(_silence)
    shell.Completer.custom_matchers.append(magics.matcher)
    for formatter, module, name, show in _shown(magics):
        formatter.for_type_by_name(module, name, show)


def unload(shell: InteractiveShell) -> None:
    """Take all of that away; the session is kept, in case the extension is loaded again."""
    manager = shell.magics_manager
    magics = manager.registry.pop(CoCalc.__name__)
    for kind in ("line", "cell"):
        manager.magics[kind].pop("cocalc")
    shell.configurables.remove(magics)
    shell.input_transformers_cleanup.remove(_transform_cell)
    shell.input_transformers_post.remove(_silence)
    shell.Completer.custom_matchers.remove(magics.matcher)
    for formatter, module, name, _ in _shown(magics):
        formatter.pop(f"{module}.{name}", None)


def _shown(magics: CoCalc) -> list[tuple[Any, str, str, Any]]:
    """Return the formatters that show our values, each with a class and the function for it."""
    formatter: Any = magics.shell.display_formatter
    bundles, texts = formatter.mimebundle_formatter, formatter.formatters["text/plain"]
    pages = formatter.formatters["text/html"]
    frontend = magics.frontend
    return [
        (bundles, "cocalc_magic.response", "Response", frontend.response_bundle),
        (bundles, "cocalc_magic.render.page", "LivePage", frontend.page_bundle),
        (texts, "cocalc_magic.render.page", "Page", frontend.print_page),
        (pages, "cocalc_magic.response", "Response", frontend.no_html),
        (bundles, "cocalc_magic.bulk.result", "BulkResult", frontend.result_bundle),
        (pages, "cocalc_magic.bulk.result", "BulkResult", frontend.no_html),
        (bundles, "cocalc_magic.session.jobs", "Job", frontend.job_bundle),
    ]


def _transform_cell(lines: list[str]) -> list[str]:
    """Return the cell as IPython should read it."""
    if not any("%cocalc" in line for line in lines):
        return lines
    from cocalc_magic.ipython import input_transform  # loaded with the first cell that has the magic in it

    return input_transform.transform_cell(lines)


_transform_cell.has_side_effects = True  # type: ignore[attr-defined]  # so that IPython skips it while somebody types


def _silence(lines: list[str]) -> list[str]:
    """Return the cell, as Python, with each message of it shown but those that are quiet."""
    if not any("'cocalc'" in line for line in lines):
        return lines
    from cocalc_magic.ipython import input_transform  # as above

    return input_transform.silence(input_transform.show_each(lines))


def _matcher(magics: CoCalc) -> Any:
    """Return a matcher for IPython's completer."""
    from IPython.core.completer import context_matcher  # late: with the first Tab

    @context_matcher(identifier="cocalc_magic")  # type: ignore[untyped-decorator]  # IPython has no types
    def match(context: Any) -> dict[str, Any]:
        from cocalc_magic.ipython import completion  # loaded when Tab is first pressed

        shell: Any = magics.shell
        return completion.complete(context, shell.user_ns, magics.session.titles, shell.user_ns_hidden)

    return match


def _refuse_secrets(line: str, body: str) -> None:
    """Raise if a key stands in a cell; warn if it stands in a body that is one text."""
    from cocalc_magic.sanitize.secret_forms import has_typed_secret  # with the first message

    if not has_typed_secret(line, body):
        return
    from cocalc_magic.config import typed_secrets  # late: few cells hold what may be a secret

    typed_secrets.refuse(line, body)
    sys.stderr.write(typed_secrets.warning(line, body))


def _warn_of_secrets(message: Message, options: Mapping[str, Any], source: str) -> None:
    """Say which secret options were typed into the notebook."""
    for name in set(message.secret) & set(options):
        if str(options[name]) in source:
            sys.stderr.write(
                f"The {name} now stands in this notebook and in IPython's history: remove it there.\n"
            )


def _variable_name(name: str) -> str:
    if not name.isidentifier():
        raise InvalidValue(f"--out takes the name of a variable, not {name!r}.", "Write --out res")
    return name
