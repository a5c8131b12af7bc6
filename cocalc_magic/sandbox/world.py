"""Everything that a sandbox holds, and the state that it begins with."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.admin.request_log import Recent
from cocalc_magic.sandbox.admin.tickets import Tickets
from cocalc_magic.sandbox.errors import CannotStart, StorageFailed
from cocalc_magic.sandbox.http.api_versions import ALL
from cocalc_magic.sandbox.http.failure_limit import Throttle
from cocalc_magic.sandbox.http.faults import Faults
from cocalc_magic.sandbox.http.rate_limit import Pace
from cocalc_magic.sandbox.runtime.processes import Processes
from cocalc_magic.sandbox.seed import DEFAULT, EMPTY, described, fill
from cocalc_magic.sandbox.storage.folders import Folders
from cocalc_magic.sandbox.storage.folders.tree import remove_path
from cocalc_magic.sandbox.storage.keys import Keys
from cocalc_magic.sandbox.storage.lock import locked
from cocalc_magic.sandbox.storage.sessions import Sessions
from cocalc_magic.sandbox.storage.settings import FIRST, Settings
from cocalc_magic.sandbox.storage.store import Store, new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.runtime.jobs import Jobs
    from cocalc_magic.sandbox.runtime.kernels import Kernels


@dataclass(frozen=True)
class Caller:
    """Who a message comes from.

    With a key of a project the project speaks: ``account_id`` is then the project's id too, which is no
    account's, as recorded.
    """

    account_id: str
    admin: bool = False
    project_id: str | None = None


class World:
    """Accounts, projects, folders and processes of one data folder.

    ``folder=None`` makes a temporary one, which is gone at the end; ``generation`` is one of
    :data:`~cocalc_magic.sandbox.http.api_versions.SPOKEN`. Raises :class:`CannotStart`
    when another sandbox holds the folder.
    """

    def __init__(self, folder: Path | None = None, generation: str = ALL) -> None:
        self.generation = generation
        self.temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="cocalc-sandbox-"))
        with ExitStack() as undo:
            if self.temporary:
                undo.callback(remove_path, self.folder)
            try:
                self._open(undo)
            except (StorageFailed, OSError) as problem:
                raise self._unusable(problem) from None
            undo.pop_all()
        self.sign_ins = Throttle(a_minute=5, an_hour=50, all_a_minute=30, all_an_hour=200)
        self.token_requests = Throttle(a_minute=1, an_hour=60, all_a_minute=1_000, all_an_hour=10_000)
        self.pace = Pace()
        self.faults = Faults()
        self.recent = Recent()
        self.tickets = Tickets()
        self.address = ""  # where it can be reached, once it listens
        self.form_secret = secrets.token_bytes(32)

    def _open(self, undo: ExitStack) -> None:
        """Lock the folder and open what is in it; ``undo`` gets what gives it back."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._lock = undo.enter_context(locked(self.folder / "lock"))
        self.store = undo.enter_context(closing(Store(self.folder / "sandbox.db")))
        self.settings = Settings(self.store)
        self.keys = Keys(self.store, self.settings)
        self.sessions = Sessions(self.store)
        self.folders = Folders(self.folder / "projects")
        self.processes = undo.enter_context(closing(Processes([self.folder] if self.temporary else [])))

    def _unusable(self, problem: Exception) -> CannotStart:
        return CannotStart(f"{self.folder} can't be used: {_reason(problem)}.")

    @cached_property
    def jobs(self) -> Jobs:
        """Commands that somebody asks after later; loaded with the first."""
        from cocalc_magic.sandbox.runtime.jobs import Jobs

        return Jobs(self.processes)

    @cached_property
    def kernels(self) -> Kernels:
        """The Jupyter kernels; what they need is loaded with the first: a start should not wait for it."""
        from cocalc_magic.sandbox.runtime.kernels import Kernels

        return Kernels(self.processes.groups, self.processes.scripts)

    def begin(self, world: Path | None = None, empty: bool = False) -> str:
        """Fills a fresh folder: with the world of this file, one account alone, or the default world.

        Returns the key of this start. Raises :class:`CannotStart` for a world file on a folder that has data,
        and for a folder that can't be used.
        """
        try:
            if not self.store.count("accounts"):
                self._begin(world, empty)
            elif world:
                raise CannotStart(f"{self.folder} has data already; --world is for an empty folder.")
            return self.new_start_key()
        except StorageFailed as problem:
            raise self._unusable(problem) from None

    def _begin(self, world: Path | None, empty: bool) -> None:
        name = EMPTY if empty else str(world.absolute()) if world else DEFAULT
        description = described(name)
        with self.store.transaction():  # all of it, or the folder stays empty
            self.settings.keep(FIRST, name)
            fill(self, name, description)

    def reset(self) -> str:
        """Brings the first state back; every key but those of a world file is void. Returns a new start key.

        Raises :class:`CannotStart`, and leaves all as it is, when the world file is not there any more.
        """
        name = self.settings.get(FIRST) or DEFAULT
        description = described(name)
        for project in self.store.select("projects"):
            self.processes.stop(project["project_id"])
        with self.store.transaction():
            self.store.clear()
            self.folders.clear()
            self.settings.keep(FIRST, name)
            fill(self, name, description)
        self.recent = Recent()
        vars(self).pop("jobs", None)
        return self.new_start_key()

    def new_start_key(self) -> str:
        """A fresh key of the first account, in place of the one of the last start."""
        return self.keys.new_start_key(self.store.select("accounts", limit=1)[0]["account_id"])

    def add_account(self, given: Mapping[str, Any]) -> str:
        """An account; returns its id.

        ``given`` has names and ``email_address``, and may have ``account_id``, ``admin``, ``banned`` and
        ``password``, as it is kept.
        """
        account_id = given.get("account_id") or new_id()
        first, last = str(given.get("first_name", "")), str(given.get("last_name", ""))
        self.store.insert(
            "accounts",
            {
                "account_id": account_id,
                "first_name": first,
                "last_name": last,
                "found_by": found_by(first, last, None),
                "email_address": str(given["email_address"]).lower() if given.get("email_address") else None,
                "password": given.get("password"),
                "groups": ["admin"] if given.get("admin") else None,
                "banned": True if given.get("banned") else None,
                "created": now(),
            },
        )
        return account_id

    def add_project(self, owner: str, title: str, description: str, **more: Any) -> str:
        """A project with this owner; returns its id."""
        project_id = more.pop("project_id", None) or new_id()
        moment = now()
        self.store.insert(
            "projects",
            {
                "project_id": project_id,
                "title": title,
                "description": description,
                "users": {owner: {"group": "owner"}},
                "created": moment,
                "last_edited": moment,
                "state": {"ip": "localhost", "time": iso(moment), "state": "opened"},
                **more,
            },
        )
        return project_id

    def post(self, to: str, subject: str, body: str) -> None:
        """Puts a letter into the outbox, where it can be looked at: a sandbox sends none."""
        self.store.insert("outbox", {"time": now(), "to": to, "subject": subject, "body": body})

    def close(self) -> None:
        """Ends every process and closes the files; a temporary folder is gone afterwards."""
        if "kernels" in vars(self):
            self.kernels.close()
        self.processes.close()
        self.store.close()
        self.folders.close()
        self._lock.close()
        if self.temporary:
            remove_path(self.folder)


def _reason(problem: Exception) -> str:
    """Word why a folder cannot be used."""
    if isinstance(problem, OSError):
        return f"{problem.strerror}: {problem.filename}" if problem.filename else str(problem.strerror)
    return str(problem).removeprefix("error: ")


def found_by(first: str, last: str, name: str | None) -> str:
    """What a search by name looks through."""
    return f"{first}\n{last}\n{'@' + name if name else ''}".lower()


def iso(milliseconds: int) -> str:
    """A moment as CoCalc writes it: ISO 8601 in UTC with milliseconds."""
    from datetime import datetime, timezone

    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"
