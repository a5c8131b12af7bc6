"""The tree of errors: everything that can go wrong and that a person can act on::

    CoCalcError
    ├── InvalidMessage            the message could not be built: nothing was sent
    │   ├── InvalidSyntax         the line or the cell body cannot be read
    │   ├── UnknownEvent
    │   ├── UnknownOption
    │   ├── MissingOption
    │   ├── InvalidValue          a value does not fit its option's type
    │   └── UndefinedName         a `$name` or `${expression}` has no value
    ├── NotSent                   the message is right, but was held back
    │   ├── ConfirmationRequired
    │   ├── KeyRequired           the server needs a key and none was given
    │   ├── NoEquivalent          the server has nothing that does it
    │   ├── NotPermitted          the key is known to lack what the message needs
    │   ├── InsecureServer        a key would travel in the clear
    │   ├── ServerRetired         the server is no longer there
    │   └── NotRecorded           the cassette that answers does not have it
    ├── JournalFailed             the journal of a job can't be read or written: nothing more is sent
    │   └── JournalDamaged        what was sent before is not known any more
    ├── SandboxFailed             the embedded server did not start
    ├── ExerciseNotDone           something of an exercise is missing
    ├── AlreadyThere              something is where a file should go
    ├── InvalidCassette           the file is not a recording, or is too old
    ├── SecretsFound              a recording would contain a secret, and was not saved
    ├── PackageMissing            a package that this needs is not installed
    ├── ServerUnreachable         no connection
    │   └── ConnectionLost        it broke after the message was sent, which may have been carried out
    ├── TimeLimitReached          no answer within the time limit
    ├── BulkFailed                messages of some rows have failed, or were not sent
    └── ServerError               the server answered, and the answer is a failure
        ├── MessageRefused        refused before it ran: event, options
        │   ├── KeyRefused
        │   └── PermissionRefused the key is good, and may not do this
        ├── SignInRefused         address and password are refused
        ├── MessageFailed         it ran, and failed
        │   ├── CommandFailed     a command in a project: exit code, or killed
        │   └── ServiceTimeout    what does the work did not answer the server in time
        ├── UnexpectedReply       the answer belongs to another message
        ├── AnswerTooLarge        the answer is over the limit of size
        └── NotCoCalc             not JSON where JSON was due: a proxy, a wrong address

`Interrupted` (Ctrl-C while waiting) stands beside it, as a `KeyboardInterrupt`.

Catch `CoCalcError` for all of them. In IPython each is shown as one short block without a
traceback, since what happened is in its text; bugs of this package keep their traceback.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


_PRINTED_LINES, _PRINTED_SIGNS = 20, 2_000  # of what a command printed, in an error


def _visible(text: str) -> str:
    """Return the text made harmless."""
    from cocalc_magic.sanitize import visible  # with the first error: it takes as long to load as all errors

    return visible(text)


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three similar names, the best first; fewer when one is clearly the best."""
    from difflib import SequenceMatcher  # only a mistake needs it: it costs as much as this package to load

    matcher = SequenceMatcher(b=name.lower(), autojunk=False)
    likeness = {}
    for known in names:
        matcher.set_seq1(known.lower())
        if matcher.quick_ratio() >= 0.6:
            likeness[known] = matcher.ratio()
    best = max(likeness.values(), default=1.0)
    near = [known for known, ratio in likeness.items() if ratio >= max(0.6, best - 0.1)]
    return sorted(near, key=lambda known: -likeness[known])[:3]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return "Did you mean …?" with the nearest names; empty when none is near."""
    return mean(nearest(name, names))


def mean(near: list[str]) -> str:
    """Return "Did you mean …?" for these names; empty when there are none."""
    *others, last = near or [""]
    before = f"{', '.join(others)} or " if others else ""
    return f"Did you mean {before}{last}?" if last else ""


FEW = 8  # names that fit into a hint


def what_there_is(name: str, names: Iterable[str], few: str, where: str) -> tuple[str, str]:
    """Return hints for an unknown name: the nearest ones, and all of them or where they are listed.

    `few` introduces a list of all names; `where` replaces a list that is too long.
    """
    known = list(names)
    listed = f"{few} {', '.join(known) or 'none'}." if len(known) <= FEW else where
    return did_you_mean(name, known), listed


_MAX_WIDTH = 100  # of a line that is shown with carets


class SourceSpan(NamedTuple):
    """A span of what a person typed: `text[start:end]`."""

    text: str
    start: int
    end: int

    def __str__(self) -> str:
        """Return the line of the span, cut to fit, with carets under it."""
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.start)
        line = self.text[first : len(self.text) if last < 0 else last].replace("\t", " ")
        start, length = self.start - first, max(1, min(self.end, first + len(line)) - self.start)
        cut = max(0, start - _MAX_WIDTH // 2)
        line, start = line[cut : cut + _MAX_WIDTH], start - cut
        return f"{line}\n{' ' * start}{'^' * min(length, max(1, _MAX_WIDTH - start))}"


class CoCalcError(Exception):
    """Base class of all errors: what went wrong in one line, with hints on what there is and what to type.

    `problem` and `hints` may contain a server's words unchanged; in all that is displayed (`str`, `repr`,
    `args`) they are made harmless, and secrets are masked. `title` is the kind of problem as people see it.

    Args:
        problem: What went wrong.
        hints: What to do about it, each on a line of its own.
        span: Where in the line or cell it is.
    """

    title = "CoCalc"
    _texts: tuple[str, ...] = ("problem",)  # attributes that may repeat a secret

    def __init__(self, problem: str, *hints: str, span: SourceSpan | None = None) -> None:
        super().__init__(_visible(problem), *map(_visible, hints))  # what repr() and tools show
        self.problem = problem
        self.hints = tuple(hint for hint in hints if hint)
        self.span = span

    def hide(self, texts: Iterable[str]) -> None:
        """Mask these texts: secrets that were sent, which a server may repeat."""
        for text in texts:
            for name in self._texts:
                setattr(self, name, _without(getattr(self, name), text))
            self.hints = tuple(_without(hint, text) for hint in self.hints)
            self.args = tuple(_without(shown, text) for shown in self.args)

    @property
    def blocks(self) -> tuple[str, ...]:
        """What is displayed below the first line: the span with its caret, then the hints."""
        return (str(self.span), *self.hints) if self.span else self.hints

    def __str__(self) -> str:
        below = (f"  {line}" for block in self.blocks for line in block.splitlines())
        return _visible("\n".join((self.problem, *below)))

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows in place of a traceback."""
        return f"{self.title}: {self}".split("\n")

    def _repr_html_(self) -> str:
        from html import escape  # few errors are shown as values

        text = "\n".join(self._render_traceback_())
        return f"<pre>{escape(text)}</pre>"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text("\n".join(self._render_traceback_()))


def _without(words: str, text: str) -> str:
    """Mask a text in an error, also where the error was cut in the middle of it."""
    from cocalc_magic.sanitize.secret_forms import HIDDEN  # late, as above

    words = words.replace(text, HIDDEN)
    for length in range(len(text) - 1, _LEAST, -1):
        words = words.replace(f"{text[:length]}…", f"{HIDDEN}…")
    return words


_LEAST = 2  # letters that the beginning of a text is known by


class InvalidMessage(CoCalcError):
    """The message could not be built; nothing was sent."""

    title = "Not sent"


MAX_FURTHER = 8  # mistakes in one error, besides the first


def combine(problems: list[InvalidMessage]) -> InvalidMessage:
    """Return one error that reports all of them, each once; its class is that of the first."""
    first, *others = {problem.problem: problem for problem in problems}.values()
    listed = others[:MAX_FURTHER]
    hints = [hint for problem in listed for hint in (f"And: {problem.problem}", *problem.blocks)]
    hints += [f"And {len(others) - len(listed)} more mistakes."] if len(others) > len(listed) else []
    return type(first)(first.problem, *first.hints, *hints, span=first.span)


class InvalidSyntax(InvalidMessage):
    """The line of the magic or the body of the cell cannot be read."""


class UnknownEvent(InvalidMessage):
    """No message of the catalog has this name."""


class UnknownOption(InvalidMessage):
    """The message takes no option of this name."""


class MissingOption(InvalidMessage):
    """A required option was not given."""


class InvalidValue(InvalidMessage):
    """A value does not fit the declared type of its option."""


class UndefinedName(InvalidMessage):
    """A `$name` or `${expression}` of the notebook has no value."""


class NotSent(CoCalcError):
    """The message is right, but was held back; nothing was sent."""

    title = "Not sent"


class ConfirmationRequired(NotSent):
    """The message spends money, deletes or reaches people, and was not confirmed."""


class KeyRequired(NotSent):
    """The server needs a key and there is none for it."""


class NoEquivalent(NotSent):
    """The server does not speak the message's API, and has nothing else that does the same."""


class NotPermitted(NotSent):
    """The key may not send this, as far as is known of it.

    `event` is the message, whose name the problem begins with, `capability` what the key lacks for it and
    `project` the id of the project that it lacks it for; each may be empty.
    """

    def __init__(
        self,
        problem: str,
        *hints: str,
        span: SourceSpan | None = None,
        event: str = "",
        capability: str = "",
        project: str = "",
    ) -> None:
        super().__init__(problem, *hints, span=span)
        self.event, self.capability, self.project = event, capability, project

    def of(self, event: str) -> NotPermitted:
        """Return the same for the message that a person has sent, in place of what it is done by."""
        problem = f"{event}{self.problem.removeprefix(self.event)}" if self.event else self.problem
        return NotPermitted(
            problem, *self.hints, event=event, capability=self.capability, project=self.project
        )


class InsecureServer(NotSent):
    """The key would travel unencrypted to another machine."""


class ServerRetired(NotSent):
    """The server was shut down for good."""


class NotRecorded(NotSent):
    """The cassette that answers in place of a server does not have the message."""


class InvalidCassette(CoCalcError):
    """The file is not a recording, is damaged, or is older than allowed."""

    title = "Cassette"


class SecretsFound(CoCalcError):
    """A recording would contain a secret; nothing was saved. `places` are those of the secrets."""

    title = "Not saved"
    places: tuple[str, ...] = ()


class JournalFailed(CoCalcError):
    """The journal of a job can't be read or written; nothing is sent, or nothing more."""

    title = "Not sent"


class JournalDamaged(JournalFailed):
    """The journal of a job is damaged or gone, and with it what was sent before."""


class SandboxFailed(CoCalcError):
    """The embedded server could not be started."""

    title = "Sandbox"


class ExerciseNotDone(CoCalcError):
    """Something that an exercise asks for is missing; raised by `check --strict` alone."""

    title = "Not done"


class AlreadyThere(CoCalcError):
    """Something with other content is where a file should go; nothing was overwritten."""

    title = "Not written"


class PackageMissing(CoCalcError, ImportError):
    """A package that this needs is not installed."""

    title = "Not installed"


class ServerUnreachable(CoCalcError):
    """No connection to the server."""

    title = "No answer"


class ConnectionLost(ServerUnreachable):
    """The connection ended before the answer was complete; the message may have been carried out."""


class TimeLimitReached(CoCalcError):
    """The server did not answer within the time limit; the message may still be carried out."""

    title = "No answer"


class BulkFailed(CoCalcError):
    """Some rows of bulk work have failed, or were not sent; the others are done."""

    title = "Failed"
    result: Any = None
    """The `BulkResult`, with all of the rows."""


class Interrupted(KeyboardInterrupt):
    """Raised when a person stops waiting, while the server may go on; not a `CoCalcError`."""

    @classmethod
    def waiting_for(cls, server: str, *, sent: bool = True) -> Interrupted:
        """Return the error for a wait that was interrupted, before or after the message was sent."""
        if not sent:
            return cls(_visible(f"stopped before anything was sent to {server}."))
        return cls(_visible(f"stopped waiting for {server}; what was asked may still be going on there."))

    def name(self, what: str) -> None:
        """Put the name of what may still be running into the text, where that is not specific."""
        self.args = (_visible(str(self).replace("what was asked", what, 1)),)

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self}"]


class ServerError(CoCalcError):
    """Base class of failures that a server answered with.

    `server` is its name, `status` and `reason` are those of HTTP (0 and empty where not known), `retry_after`
    the seconds that it asks to wait, `server_text` its own words.

    Args:
        problem: What went wrong.
        hints: What to do about it.
        response: The `Response` that says so.
        http_response: What HTTP brought, where no response was made of it.
    """

    _texts: tuple[str, ...] = ("problem", "server_text")

    def __init__(self, problem: str, *hints: str, response: Any = None, http_response: Any = None) -> None:
        answer = http_response if response is None else response
        self.response = response
        self.server = "" if answer is None else answer.server
        self.status = 0 if answer is None else answer.status
        self.reason = "" if answer is None else answer.reason
        self.retry_after = None if answer is None else answer.headers.retry_after
        if self.retry_after is not None:
            hints = (*hints, _try_again(self.retry_after))
        super().__init__(problem, *hints)
        self.server_text = problem
        """The server's own words."""

    def attach(self, response: Any) -> None:
        """Set the response that the failure belongs to."""
        self.response = response
        self.server, self.status, self.reason = response.server, response.status, response.reason

    @property
    def blocks(self) -> tuple[str, ...]:
        """The server and its HTTP status, above the hints."""
        return (*self._from(), *super().blocks)

    def _from(self) -> tuple[str, ...]:
        http = f"HTTP {self.status}"
        if self.server and self.status >= 400 and http not in self.problem:
            return (f"{self.server} answered {f'{http} {self.reason}'.rstrip()}.",)
        return (
            () if not self.server or self.server in self.problem else (f"The answer is from {self.server}.",)
        )


def _try_again(seconds: float) -> str:
    """Return when to try again, by the local clock; `seconds` are counted from now."""
    day = "%Y-%m-%d " if seconds >= 12 * 3600 else ""
    moment = time.strftime(f"{day}%H:%M:%S", time.localtime(time.time() + seconds))
    if seconds < 120:
        return f"Try again in {seconds:.3g} s (at {moment})."
    unit, name = (60, "min") if seconds < 2 * 3600 else (3600, "h")
    return f"Try again in {seconds / unit:.0f} {name} (at {moment})."


class MessageRefused(ServerError):
    """The server refused the message before running it."""

    title = "Refused"


class KeyRefused(MessageRefused):
    """The server does not know the key."""


class PermissionRefused(MessageRefused):
    """The server knows the key, or the session, and does not let it do this.

    `capability` is what a key lacks and `project` the id of the project that it lacks it for; both may be
    empty.
    """

    def __init__(
        self,
        problem: str,
        *hints: str,
        response: Any = None,
        http_response: Any = None,
        capability: str = "",
        project: str = "",
    ) -> None:
        super().__init__(problem, *hints, response=response, http_response=http_response)
        self.capability, self.project = capability, project


class SignInRefused(ServerError):
    """The server refuses this address and password."""

    title = "Not signed in"


class MessageFailed(ServerError):
    """The server ran the message and it failed."""

    title = "Failed"


class CommandFailed(MessageFailed):
    """A command in a project ended with another exit code than 0, was killed, or did not start.

    `exit_code` is `None` where the command was killed or did not start. `stdout` and `stderr` are what it
    printed, as far as servers return it: no stdout unless the message says `err_on_exit=no`.
    """

    _texts = (*MessageFailed._texts, "stdout", "stderr")

    def __init__(
        self,
        problem: str,
        *hints: str,
        response: Any = None,
        exit_code: int | None = None,
        stdout: str = "",
        stderr: str = "",
    ) -> None:
        super().__init__(problem, *hints, response=response)
        self.exit_code, self.stdout, self.stderr = exit_code, stdout, stderr

    @property
    def blocks(self) -> tuple[str, ...]:
        """What the command printed, between the server and the hints."""
        printed = (("stderr", self.stderr), ("stdout", self.stdout))
        shown = tuple(_printed(name, text) for name, text in printed if text.strip())
        return (*self._from(), *shown, *self.hints)


class ServiceTimeout(MessageFailed):
    """What does the work behind the server, such as a project, did not answer it in time."""


def _printed(name: str, text: str) -> str:
    """Return the end of an output, where the reason usually is."""
    text = text.strip("\n")
    from cocalc_magic.sanitize.secret_forms import around_secret  # late, as above

    first = around_secret(text, max(0, len(text) - _PRINTED_SIGNS))[1]
    lines = text[first:].split("\n")[-_PRINTED_LINES:]
    whole = "\n".join(lines) == text
    if whole and len(lines) == 1:
        return f"{name}: {text}"
    return "\n  ".join((f"{name}:" if whole else f"{name}: …", *lines))


class UnexpectedReply(ServerError):
    """The answer has another id than the message, or a form that no server answers in."""

    title = "Wrong answer"


class AnswerTooLarge(ServerError):
    """The answer exceeds the limit of size; the message has been carried out."""

    title = "Too large"


class NotCoCalc(ServerError):
    """The answer is not JSON: a proxy's page, or an address that is not a CoCalc server."""

    title = "Not CoCalc"
