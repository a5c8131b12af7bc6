"""Ask a server for its answer to a case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.client import cancel
from cocalc_magic.client.transport import Credential, KeyAuth, NoAuth, Transport
from cocalc_magic.config.secret import Secret
from cocalc_magic.conformance.answer import Answer, answer_of
from cocalc_magic.conformance.cases import NOBODY, PERSON, STRANGER
from cocalc_magic.errors import AnswerTooLarge, CoCalcError, ServerUnreachable, TimeLimitReached

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    from cocalc_magic.client.wire.messages import WireRequest
    from cocalc_magic.config import Server
    from cocalc_magic.conformance.cases import Case

MAX_ANSWER = 1024 * 1024  # bytes; the answers that are known are much smaller
MAX_FAILURES = 20  # requests without an answer, one after the other: then the server is gone
MAX_LATE = 10  # requests that took too long, in all
MAX_WAIT = 60.0  # seconds that a busy server may have us wait, in all
_TOO_OFTEN = re.compile(r"too many requests .{0,200}; try again in (\d{1,2}) second")
NO_KEY = Secret("no-key-is-given")  # no word that answers have, since they are masked by it
INVENTED = Secret("sk-" + "NobodysKey" + "0" * 12)


class AsRecorded(Credential):
    """A recorded `Authorization`, which may be nonsense."""

    def __init__(self, value: str) -> None:
        self.value = value

    def headers(self) -> Mapping[str, str]:
        """Return it."""
        return {"Authorization": self.value}


class Side:
    """One of the servers that are compared, and what is known of it.

    Args:
        server: The server.
        key: The person's key; `None` for none.
        timeout: Seconds for each request.
        max_bytes: Bytes of an answer that are read.
        session: A requests session to use as it is.
    """

    def __init__(
        self,
        server: Server,
        key: Secret | None,
        timeout: float = 30.0,
        session: requests.Session | None = None,
        max_bytes: int = MAX_ANSWER,
    ) -> None:
        self.server, self.key, self.timeout, self.max_bytes = server, key, timeout, max_bytes
        self.session, self.transport = session, Transport(server, session)
        self.failures, self.late, self.patience = 0, 0, MAX_WAIT
        self.rename: Callable[[WireRequest], WireRequest] = lambda request: request

    def ask(self, case: Case) -> Answer:
        """Send a case and return the answer; a busy server is asked again, once.

        Raises:
            ServerUnreachable: The server does not answer any more.
        """
        answer = self._ask(case)
        if case.expected is not None:  # which may be that the server was busy
            return answer
        if seconds := min(_retry_after(answer), self.patience):
            self.patience -= seconds
            cancel.sleep(seconds)
            answer = self._ask(case)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def _ask(self, case: Case) -> Answer:
        credential = self._credential(case)
        try:
            response = self.transport.request(
                self.rename(case.request), self.timeout, credential, max_bytes=self.max_bytes
            )
        except (ServerUnreachable, TimeLimitReached) as problem:
            self.failures += 1
            self.late += isinstance(problem, TimeLimitReached)
            if self.failures >= MAX_FAILURES or self.late >= MAX_LATE:
                raise
            return Answer(None, problem=problem.problem)
        except (AnswerTooLarge, CoCalcError) as problem:
            return Answer(None, problem=problem.problem)
        self.failures = 0
        return answer_of(response)

    def _credential(self, case: Case) -> Credential:
        sender = case.sender
        if sender == NOBODY:
            return NoAuth(self.key or NO_KEY)
        if sender == STRANGER:
            return KeyAuth(INVENTED)
        if sender == PERSON:
            return KeyAuth(self.key or NO_KEY)
        return AsRecorded(sender)


def _retry_after(answer: Answer) -> float:
    """Return the seconds that a server which is asked too often wants to wait; 0 for any other answer."""
    if answer.status in (429, 503):
        text = answer.headers.get("retry-after", "")
        return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0
    error = answer.value.get("error") if isinstance(answer.value, dict) else None
    match = _TOO_OFTEN.search(error) if isinstance(error, str) else None
    return float(match[1]) if match else 0.0
