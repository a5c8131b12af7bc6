"""Everything that a sandbox holds, and the state that it begins with."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.kernels import Kernels
from cocalc_magic.sandbox.keys import Keys
from cocalc_magic.sandbox.passwords import hash_password
from cocalc_magic.sandbox.processes import Processes
from cocalc_magic.sandbox.projects import Folders
from cocalc_magic.sandbox.sessions import Sessions
from cocalc_magic.sandbox.settings import REGISTRATION, Settings
from cocalc_magic.sandbox.store import Store, new_id, now
from cocalc_magic.sandbox.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = Path(__file__).with_name("world.yaml")
WORLD_COST = 16  # of the passwords of a world file: they are no secrets, and starting should not wait


class CannotStart(Exception):
    """The data folder is not to be had; the text says why."""


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

    ``folder=None`` makes a temporary one, which is gone at the end. Raises :class:`CannotStart`
    when another sandbox holds the folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="cocalc-sandbox-"))
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._lock = _locked(self.folder / "lock")
        self.store = Store(self.folder / "sandbox.db")
        self.settings = Settings(self.store)
        self.keys = Keys(self.store, self.settings)
        self.sessions = Sessions(self.store)
        self.sign_ins = Throttle(a_minute=5, an_hour=50, all_a_minute=30, all_an_hour=200)
        self.token_requests = Throttle(a_minute=1, an_hour=60, all_a_minute=1_000, all_an_hour=10_000)
        self.form_secret = secrets.token_bytes(32)
        self.folders = Folders(self.folder / "projects")
        self.processes = Processes([self.folder] if self.temporary else [])
        self.kernels = Kernels(self.processes.groups, self.processes.scripts)

    def begin(self, world: Path | None = None, empty: bool = False) -> None:
        """Fills a fresh folder: with the world of this file, one account alone, or the default world.

        Raises :class:`CannotStart` for a world file on a folder that has data.
        """
        if self.store.count("accounts"):
            if world:
                raise CannotStart(f"{self.folder} has data already; --world is for an empty folder.")
        elif empty:
            self.add_account(
                {"first_name": "Ada", "last_name": "Example", "email_address": "ada@example.com"}
            )
        else:
            with self.store.transaction():  # all of it, or the folder stays empty
                self._load(world or DEFAULT)

    def new_start_key(self) -> str:
        """A fresh key of the first account, in place of the one of the last start."""
        return self.keys.new_start_key(self.store.select("accounts", limit=1)[0]["account_id"])

    def add_account(self, given: Mapping[str, Any]) -> str:
        """An account; returns its id.

        ``given`` has names and ``email_address``, and may have ``account_id``, ``admin``, ``banned`` and
        ``password``, as it is kept.
        """
        account_id = _id(given.get("account_id"))
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
                "created": self._next_moment(),
            },
        )
        return account_id

    def _next_moment(self) -> int:
        """Now, but later than any account was made, so that those made at once keep their order."""
        last = self.store.select("accounts", order=["-created"], limit=1)
        return max(now(), last[0]["created"] + 1 if last else 0)

    def add_project(self, owner: str, title: str, description: str, **more: Any) -> str:
        """A project with this owner; returns its id."""
        project_id = _id(more.pop("project_id", None))
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
        self.processes.close()
        self.store.close()
        self._lock.close()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- a world file ------------------------------------------------------------------------------

    def _load(self, path: Path) -> None:
        import yaml

        try:
            self._fill(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except (OSError, yaml.YAMLError, ValueError, Failed) as problem:
            raise CannotStart(f"{path} is no world file: {problem}") from None
        except KeyError as name:
            raise CannotStart(f"{path} is no world file: it has no account {name}.") from None
        except (AttributeError, TypeError) as problem:
            raise CannotStart(f"{path} has not the form of a world file: {problem}") from None
        except sqlite3.IntegrityError as problem:
            raise CannotStart(f"{path} gives an id or a key twice: {problem}") from None

    def _fill(self, described: dict[str, Any]) -> None:
        handles: dict[str, str] = {}
        for account in described.get("accounts") or ():
            account_id = self._load_account(account)
            handles |= {account_id: account_id, account.get("handle", account_id): account_id}
        if not handles:
            raise ValueError("it needs an account, since the key must be somebody's.")
        if token := described.get("registration_token"):
            self.settings.keep(REGISTRATION, str(token))
        for project in described.get("projects") or ():
            self._load_project(project, handles)

    def _load_account(self, given: dict[str, Any]) -> str:
        password = given.get("password")
        kept = hash_password(str(password), WORLD_COST) if password else None
        account_id = self.add_account({**given, "password": kept})
        for key in given.get("keys", ()):
            self.keys.keep(account_id, "from the world file", str(key))
        return account_id

    def _load_project(self, given: dict[str, Any], handles: dict[str, str]) -> None:
        owner = handles[given.get("owner", next(iter(handles)))]
        project_id = self.add_project(
            owner, given.get("title", ""), given.get("description", ""), project_id=given.get("project_id")
        )
        others = {handles[name]: {"group": "collaborator"} for name in given.get("collaborators", ())}
        self.store.update("projects", project_id, {"users": {owner: {"group": "owner"}, **others}})
        for name, content in (given.get("files") or {}).items():
            self.folders.write(project_id, name, content)


def _id(given: Any) -> str:
    """An id of a world file, which becomes the name of a folder, or a fresh one. Raises ``ValueError``."""
    return str(uuid.UUID(str(given))) if given else new_id()


def found_by(first: str, last: str, name: str | None) -> str:
    """What a search by name looks through."""
    return f"{first}\n{last}\n{'@' + name if name else ''}".lower()


def iso(milliseconds: int) -> str:
    """A moment as CoCalc writes it: ISO 8601 in UTC with milliseconds."""
    from datetime import datetime, timezone

    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def _locked(path: Path) -> IO[str]:
    """The folder's lock, held until the file is closed or the process ends."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        raise CannotStart(f"{path.parent} is in use by the sandbox with process id {holder}.") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
