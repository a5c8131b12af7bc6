"""Everything that can go wrong and that a person can act on, as one tree.

    CoCalcError
    ├── InvalidMessage            the message could not be built: nothing was sent
    │   ├── InvalidSyntax         the line or the cell body cannot be read
    │   ├── UnknownEvent
    │   ├── UnknownOption
    │   ├── MissingOption
    │   ├── InvalidValue          a value does not fit its option's type
    │   └── UndefinedName         a ``$name`` or ``${expression}`` has no value
    ├── NotSent                   the message is right, but was held back
    │   ├── ConfirmationRequired
    │   ├── KeyRequired           the server needs a key and none was given
    │   ├── NoEquivalent          the server has nothing that does it
    │   └── InsecureServer        a key would travel in the clear
    ├── SandboxFailed             the embedded server did not start
    ├── AlreadyThere              something stands where a file should go
    ├── PackageMissing            what was asked for needs a package that is not installed
    ├── ServerUnreachable         no connection
    │   └── ConnectionLost        it broke after the message was sent, which may have been carried out
    ├── TimeLimitReached          no answer within the time limit
    └── ServerError               the server answered, and the answer is a failure
        ├── MessageRefused        refused before it ran: event, options
        │   └── KeyRefused
        ├── SignInRefused         address and password let nobody in
        ├── MessageFailed         it ran, and failed
        │   └── CommandFailed     a command in a project: exit code, or killed
        ├── UnexpectedReply       the answer belongs to another message
        ├── AnswerTooLarge        the answer is over the limit of size
        └── NotCoCalc             no JSON where JSON was due: a proxy, a wrong address

``Interrupted`` (Ctrl-C while waiting) stands beside it, as a ``KeyboardInterrupt``.

Catch ``CoCalcError`` for all of them. In IPython each is shown as one short block without a
traceback, since what happened is in its text; bugs of this package keep their traceback.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.sanitize import visible
from cocalc_magic.sanitize.secret_forms import HIDDEN, around_secret

if TYPE_CHECKING:
    from collections.abc import Iterable


_PRINTED_LINES, _PRINTED_SIGNS = 20, 2_000  # of what a command printed, in an error


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Up to three of the names that look like the given one, best first; fewer when one is clearly meant."""
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
    """A sentence that offers the nearest names, or the empty string when nothing is near."""
    return mean(nearest(name, names))


def mean(near: list[str]) -> str:
    """A sentence that offers these names; the empty string when there are none."""
    *others, last = near or [""]
    before = f"{', '.join(others)} or " if others else ""
    return f"Did you mean {before}{last}?" if last else ""


FEW = 8  # names that fit into a hint


def what_there_is(name: str, names: Iterable[str], few: str, where: str) -> tuple[str, str]:
    """The hints for a name that does not exist: the nearest ones, and all of them or where they are listed.

    ``few`` is what stands before a list of all names; ``where`` is said in place of a long list.
    """
    known = list(names)
    listed = f"{few} {', '.join(known) or 'none'}." if len(known) <= FEW else where
    return did_you_mean(name, known), listed


@dataclass(frozen=True)
class SourceSpan:
    """A stretch of something that a person typed: ``text[start:end]``."""

    text: str
    start: int
    end: int

    WIDTH = 100

    def __str__(self) -> str:
        """The line of the spot, cut to fit, with carets under it."""
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.start)
        line = self.text[first : len(self.text) if last < 0 else last].replace("\t", " ")
        start, length = self.start - first, max(1, min(self.end, first + len(line)) - self.start)
        cut = max(0, start - self.WIDTH // 2)
        line, start = line[cut : cut + self.WIDTH], start - cut
        return f"{line}\n{' ' * start}{'^' * min(length, max(1, self.WIDTH - start))}"


class CoCalcError(Exception):
    """What went wrong, in one line, with hints: what there is, and what to type.

    ``title`` is the short name of the kind of problem as people see it; ``spot`` is where in the
    line or cell it is, when it is there. ``problem`` and ``hints`` may have the words of a server as it said
    them; in all that is shown (``str``, ``repr``, ``args``) they are harmless, and no secret is in them.
    """

    title = "CoCalc"

    def __init__(self, problem: str, *hints: str, span: SourceSpan | None = None) -> None:
        super().__init__(visible(problem), *map(visible, hints))  # what repr() and tools show
        self.problem = problem
        self.hints = tuple(hint for hint in hints if hint)
        self.span = span

    def hide(self, texts: Iterable[str]) -> None:
        """Puts ``•••`` in place of these texts: what was sent and is secret, which a server may repeat."""
        for text in texts:
            self.problem = _without(self.problem, text)
            self.hints = tuple(_without(hint, text) for hint in self.hints)
            self.args = tuple(_without(shown, text) for shown in self.args)

    @property
    def blocks(self) -> tuple[str, ...]:
        """What stands below the first line: the spot with its caret, then the hints."""
        return (str(self.span), *self.hints) if self.span else self.hints

    def __str__(self) -> str:
        below = (f"  {line}" for block in self.blocks for line in block.splitlines())
        return visible("\n".join((self.problem, *below)))

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython shows in place of a traceback."""
        return f"{self.title}: {self}".split("\n")


def _without(words: str, text: str) -> str:
    """The words without a text, also where they are cut in the middle of it."""
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
    """One error that tells all of them, each once; of the kind of the first."""
    first, *others = {problem.problem: problem for problem in problems}.values()
    told = others[:MAX_FURTHER]
    hints = [hint for problem in told for hint in (f"And: {problem.problem}", *problem.blocks)]
    hints += [f"And {len(others) - len(told)} more mistakes."] if len(others) > len(told) else []
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
    """A ``$name`` or ``${expression}`` of the notebook has no value."""


class NotSent(CoCalcError):
    """The message is right, but was held back; nothing was sent."""

    title = "Not sent"


class ConfirmationRequired(NotSent):
    """The message spends, deletes or reaches people, and nobody has said yes yet."""


class KeyRequired(NotSent):
    """The server needs a key and there is none for it."""


class NoEquivalent(NotSent):
    """The server does not speak the message's API, and has nothing else that does the same."""


class InsecureServer(NotSent):
    """The key would travel unencrypted to another machine."""


class SandboxFailed(CoCalcError):
    """The embedded server could not be started."""

    title = "Sandbox"


class AlreadyThere(CoCalcError):
    """Something with other content stands where a file should go; nothing was written over."""

    title = "Not written"


class PackageMissing(CoCalcError, ImportError):
    """What was asked for needs a package that is not installed."""

    title = "Not installed"


class ServerUnreachable(CoCalcError):
    """No connection to the server."""

    title = "No answer"


class ConnectionLost(ServerUnreachable):
    """The connection ended before the answer was complete; the message may have been carried out."""


class TimeLimitReached(CoCalcError):
    """The server did not answer within the time limit; the message may still be carried out."""

    title = "No answer"


class Interrupted(KeyboardInterrupt):
    """A person stopped waiting; the server may go on. Whoever catches ``CoCalcError`` does not catch this."""

    @classmethod
    def waiting_for(cls, server: str, *, sent: bool = True) -> Interrupted:
        """Return the error for a wait that was ended, before or after the message was sent."""
        if not sent:
            return cls(visible(f"stopped before anything was sent to {server}."))
        return cls(visible(f"stopped waiting for {server}; what was asked may still be going on there."))

    def name(self, what: str) -> None:
        """Say what it was that may be going on, where nothing more is known of it."""
        self.args = (visible(str(self).replace("what was asked", what, 1)),)

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self}"]


class ServerError(CoCalcError):
    """The server answered, and the answer is a failure.

    ``response`` is the :class:`~cocalc_magic.response.Response` that says so, where there is one. ``server``
    is the name of the server, ``status`` the HTTP status of its answer (0 where none is known),
    ``retry_after`` how many seconds it asks to wait.

    Args:
        http_response: What HTTP brought, where no response was made of it.
    """

    title = "CoCalc"

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

    def hide(self, texts: Iterable[str]) -> None:
        """Puts ``•••`` in place of these texts, in the server's own words too."""
        texts = tuple(texts)
        super().hide(texts)
        for text in texts:
            self.server_text = _without(self.server_text, text)

    def attach(self, response: Any) -> None:
        """Take a response for the one that says so, which is made of what came back."""
        self.response = response
        self.server, self.status, self.reason = response.server, response.status, response.reason

    @property
    def blocks(self) -> tuple[str, ...]:
        """Which server it was, and what HTTP says, above the hints."""
        return (*self._from(), *super().blocks)

    def _from(self) -> tuple[str, ...]:
        http = f"HTTP {self.status}"
        if self.server and self.status >= 400 and http not in self.problem:
            return (f"{self.server} answered {f'{http} {self.reason}'.rstrip()}.",)
        return (
            () if not self.server or self.server in self.problem else (f"The answer is from {self.server}.",)
        )


def _try_again(seconds: float) -> str:
    """When to, as a person reads a clock; ``seconds`` are counted from now."""
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


class SignInRefused(ServerError):
    """The server does not let in who signs in with this address and password."""

    title = "Not signed in"


class MessageFailed(ServerError):
    """The server ran the message and it failed."""

    title = "Failed"


class CommandFailed(MessageFailed):
    """A command in a project ended with another exit code than 0, was killed, or did not start.

    ``exit_code`` is ``None`` where it has none of its own. ``stdout`` and ``stderr`` are what it printed, as
    far as the server gives it; servers give no stdout unless the message says ``err_on_exit=no``.
    """

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

    def hide(self, texts: Iterable[str]) -> None:
        """Puts ``•••`` in place of these texts, in what the command printed too."""
        texts = tuple(texts)
        super().hide(texts)
        for text in texts:
            self.stdout, self.stderr = _without(self.stdout, text), _without(self.stderr, text)

    @property
    def blocks(self) -> tuple[str, ...]:
        """What it printed stands between the server and the hints."""
        printed = (("stderr", self.stderr), ("stdout", self.stdout))
        shown = tuple(_printed(name, text) for name, text in printed if text.strip())
        return (*self._from(), *shown, *self.hints)


def _printed(name: str, text: str) -> str:
    """The end of what was printed: there the reason is."""
    text = text.strip("\n")
    first = around_secret(text, max(0, len(text) - _PRINTED_SIGNS))[1]
    lines = text[first:].split("\n")[-_PRINTED_LINES:]
    whole = "\n".join(lines) == text
    if whole and len(lines) == 1:
        return f"{name}: {text}"
    return "\n  ".join((f"{name}:" if whole else f"{name}: …", *lines))


class UnexpectedReply(ServerError):
    """The answer carries another id than the message: it belongs to something else."""

    title = "Wrong answer"


class AnswerTooLarge(ServerError):
    """The answer is larger than is read of one; the message has been carried out."""

    title = "Too large"


class NotCoCalc(ServerError):
    """The answer is no JSON: a proxy's page, or an address that is not a CoCalc server."""

    title = "Not CoCalc"
