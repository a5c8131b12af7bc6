"""Where forms hand their messages in: the session, as far as a form needs it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax.parse import Call, check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response
    from cocalc_magic.session.session import Session
    from cocalc_magic.widgets.table import Keep


@dataclass
class Counter:
    """Sends for one session; ``yes`` is said by the form, which has asked."""

    session: Session

    def send(
        self, message: Message, options: Mapping[str, Any], on_job: Callable[[], None] | None = None
    ) -> Response:
        """Sends the message as its magic would; raises what that raises.

        ``on_job`` is called when it has become a job on the server.
        """
        return self.session.send(Call(message, check(message, options), {"yes": True}), on_job)

    def asks(self, message: Message) -> str:
        """Why a person is to be asked first; on the sandbox nothing asks."""
        return "" if self.session.client().server.sandbox else message.confirm

    def projects(self) -> Mapping[str, str]:
        """The titles of the projects by id: those that the server tells, else those that were seen."""
        try:
            listed = self.session.client().router.projects.all(fresh=True)
        except CoCalcError:  # the form works without them, and sending will tell
            return self.session.titles
        return {**self.session.titles, **{one.project_id: one.title or "Untitled" for one in listed}}

    def address(self) -> str:
        """The address of the server that messages go to."""
        return self.session.keyless().server.url

    def server(self) -> str:
        """The name of the server that messages go to."""
        return self.session.keyless().server.name

    @property
    def keep(self) -> Keep | None:
        """What gives a DataFrame a name in the notebook; ``None`` where there is none."""
        return self.session.surroundings.keep

    def current_project(self) -> str:
        """The id of the current project; empty where there is none."""
        return self.session.project[0] if self.session.project else ""

    def speaks(self) -> frozenset[str]:
        """The generations that the server speaks, as far as that is known."""
        return self.session.keyless().router.generations(ask=False)

    def past(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """What was sent, the newest first: in words, its event, its options; without what was hidden."""
        return [
            (
                " ".join((_clock(sent.moment), sent.message.event, "·", sent.outcome)),
                sent.message.event,
                {name: value for name, value in sent.options.items() if name not in sent.message.secret},
            )
            for sent in reversed(list(self.session.history))  # threads add to it
        ]


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))
