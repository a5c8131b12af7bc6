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
    ├── PackageMissing            what was asked for needs a package that is not installed
    ├── ServerUnreachable         no connection, or it broke
    ├── TimeLimitReached          no answer within the time limit
    └── ServerError               the server answered, and the answer is a failure
        ├── MessageRefused        refused before it ran: event, options
        │   └── KeyRefused
        ├── SignInRefused         address and password let nobody in
        ├── MessageFailed         it ran, and failed
        ├── UnexpectedReply       the answer belongs to another message
        └── NotCoCalc             no JSON where JSON was due: a proxy, a wrong address

``Interrupted`` (Ctrl-C while waiting) stands beside it, as a ``KeyboardInterrupt``.

Catch ``CoCalcError`` for all of them. In IPython each is shown as one short block without a
traceback, since what happened is in its text; bugs of this package keep their traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.clean import visible

if TYPE_CHECKING:
    from collections.abc import Iterable


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
class Spot:
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
    line or cell it is, when it is there.
    """

    title = "CoCalc"

    def __init__(self, problem: str, *hints: str, spot: Spot | None = None) -> None:
        super().__init__(problem, *hints)
        self.problem = problem
        self.hints = tuple(hint for hint in hints if hint)
        self.spot = spot

    @property
    def blocks(self) -> tuple[str, ...]:
        """What stands below the first line: the spot with its caret, then the hints."""
        return (str(self.spot), *self.hints) if self.spot else self.hints

    def __str__(self) -> str:
        below = (f"  {line}" for block in self.blocks for line in block.splitlines())
        return "\n".join((self.problem, *below))

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython shows in place of a traceback; words of a server are harmless in them."""
        return visible(f"{self.title}: {self}").split("\n")


class InvalidMessage(CoCalcError):
    """The message could not be built; nothing was sent."""

    title = "Not sent"


MOST_TOLD = 8  # mistakes in one error, besides the first


def together(problems: list[InvalidMessage]) -> InvalidMessage:
    """One error that tells all of them, each once; of the kind of the first."""
    first, *others = {problem.problem: problem for problem in problems}.values()
    told = others[:MOST_TOLD]
    hints = [hint for problem in told for hint in (f"And: {problem.problem}", *problem.blocks)]
    hints += [f"And {len(others) - len(told)} more mistakes."] if len(others) > len(told) else []
    return type(first)(first.problem, *first.hints, *hints, spot=first.spot)


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


class PackageMissing(CoCalcError, ImportError):
    """What was asked for needs a package that is not installed."""

    title = "Not installed"


class ServerUnreachable(CoCalcError):
    """No connection to the server, or it broke before the answer was complete."""

    title = "No answer"


class TimeLimitReached(CoCalcError):
    """The server did not answer within the time limit; the message may still be carried out."""

    title = "No answer"


class Interrupted(KeyboardInterrupt):
    """A person stopped waiting; the server may go on. Whoever catches ``CoCalcError`` does not catch this."""

    def __init__(self, server: str) -> None:
        super().__init__(f"stopped waiting for {server}; what was asked may still be going on there.")

    def _render_traceback_(self) -> list[str]:
        return [visible(f"Interrupted: {self}")]


class ServerError(CoCalcError):
    """The server answered, and the answer is a failure.

    ``response`` is the :class:`~cocalc_magic.response.Response` that says so.
    """

    title = "CoCalc"

    def __init__(self, problem: str, *hints: str, response: Any = None) -> None:
        super().__init__(problem, *hints)
        self.response = response


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


class UnexpectedReply(ServerError):
    """The answer carries another id than the message: it belongs to something else."""

    title = "Wrong answer"


class NotCoCalc(ServerError):
    """The answer is no JSON: a proxy's page, or an address that is not a CoCalc server."""

    title = "Not CoCalc"
