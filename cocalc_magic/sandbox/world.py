"""The world: everything that one sandbox holds."""

from __future__ import annotations

import secrets
from contextlib import ExitStack, closing
from functools import cached_property
from typing import TYPE_CHECKING

from cocalc_magic import host
from cocalc_magic.sandbox.admin.request_log import RequestLog
from cocalc_magic.sandbox.admin.tickets import Tickets
from cocalc_magic.sandbox.errors import CannotStart, StorageFailed
from cocalc_magic.sandbox.http.api_versions import ALL
from cocalc_magic.sandbox.http.faults import Faults
from cocalc_magic.sandbox.http.rate_limit import FailureLimit, RateLimit, SignInLimit
from cocalc_magic.sandbox.runtime.processes import Processes
from cocalc_magic.sandbox.storage.folders import Folders
from cocalc_magic.sandbox.storage.keys import Keys
from cocalc_magic.sandbox.storage.lock import lock_file
from cocalc_magic.sandbox.storage.sessions import Sessions
from cocalc_magic.sandbox.storage.settings import Settings
from cocalc_magic.sandbox.storage.store import Store
from cocalc_magic.sandbox.storage.temporary import TemporaryFolder

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.look import Look
    from cocalc_magic.sandbox.domain.cli_logins import CliLogins
    from cocalc_magic.sandbox.runtime.jobs import Jobs
    from cocalc_magic.sandbox.runtime.kernels import KernelRunner
    from cocalc_magic.sandbox.runtime.processes import Runner
    from cocalc_magic.sandbox.storage.blobs import Blobs


class World:
    """Accounts, projects, folders and processes of one data folder; empty until `seed` fills it.

    Args:
        folder: The data folder, made if missing; `None` for a temporary one that is removed at the end.
        generation: One of `SPOKEN`.
        in_process: Start no process: commands run in the small shell, code in this Python.

    Raises:
        CannotStart: Where the folder cannot be used, or another sandbox uses it.
    """

    def __init__(
        self, folder: Path | None = None, generation: str = ALL, *, in_process: bool = host.IN_PAGE
    ) -> None:
        self.generation, self.in_process = generation, in_process
        with ExitStack() as undo:
            self._temporary = undo.enter_context(closing(TemporaryFolder()))
            self.folder = folder or self._temporary.path / "data"
            try:
                self._open(undo)
            except (StorageFailed, OSError) as problem:
                raise self.unusable(problem) from None
            undo.pop_all()
        self.failed_sign_ins = SignInLimit()
        self.failed_token_requests = FailureLimit(1, 60, all_per_minute=1_000, all_per_hour=10_000)
        self.failed_tokens_today = FailureLimit(1, 60, all_per_minute=1_000, all_per_hour=10_000)
        self.rate_limit = RateLimit()
        self.faults = Faults()
        self.request_log = RequestLog()
        self.tickets = Tickets()
        self.address = ""  # the URL of the server, once it listens
        self.form_secret = secrets.token_bytes(32)
        self.look: Look | None = None  # of the product whose users sign in here
        self.frame_origins: tuple[str, ...] = ()  # that may frame pages of projects, besides this machine's

    def _open(self, undo: ExitStack) -> None:
        """Lock the folder and open what is in it; `undo` gets what closes it again."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._lock = undo.enter_context(lock_file(self.folder / "lock"))
        self.store = undo.enter_context(closing(Store(self.folder / "sandbox.db")))
        self.settings = Settings(self.store)
        self.keys = Keys(self.store, self.settings)
        self.sessions = Sessions(self.store)
        self.folders = Folders(self.folder / "projects")
        self.processes: Runner = undo.enter_context(closing(self._runner()))

    def _runner(self) -> Runner:
        if not self.in_process:
            return Processes(self._temporary.path)
        from cocalc_magic.sandbox.runtime.shell_commands import ShellCommands  # late: few worlds have it

        return ShellCommands(self.folders)

    def unusable(self, problem: Exception) -> CannotStart:
        """Return the exception for a data folder that cannot be used."""
        if isinstance(problem, OSError):
            reason = f"{problem.strerror}: {problem.filename}" if problem.filename else str(problem.strerror)
        else:
            reason = str(problem).removeprefix("error: ")
        return CannotStart(f"{self.folder} can't be used: {reason}.")

    @cached_property
    def jobs(self) -> Jobs:
        """The commands in the background."""
        from cocalc_magic.sandbox.runtime.jobs import Jobs  # late: a start does not need it

        return Jobs(self.processes)

    @cached_property
    def blobs(self) -> Blobs:
        """The files that belong to no project."""
        from cocalc_magic.sandbox.storage.blobs import Blobs  # late: a start does not need it

        return Blobs()

    @cached_property
    def cli_logins(self) -> CliLogins:
        """The programs that a person signs in."""
        from cocalc_magic.sandbox.domain.cli_logins import CliLogins  # late: a start does not need it

        return CliLogins()

    @cached_property
    def kernels(self) -> KernelRunner:
        """The Jupyter kernels."""
        if isinstance(self.processes, Processes):
            from cocalc_magic.sandbox.runtime.kernels import Kernels  # late: a start does not need it

            return Kernels(self.processes.groups, self.processes.scripts)
        from cocalc_magic.sandbox.runtime.page_kernels import PageKernels  # late, as above

        return PageKernels(self._temporary.path)

    def clear(self) -> None:
        """Remove all accounts, projects, files, settings, jobs and logged requests."""
        self.store.clear()
        self.folders.clear()
        self.request_log.clear()
        for name in ("jobs", "cli_logins", "blobs"):
            vars(self).pop(name, None)

    def close(self) -> None:
        """End every process and close the files; what is temporary is removed."""
        if "kernels" in vars(self):
            self.kernels.close()
        self.processes.close()
        self.store.close()
        self.folders.close()
        self._lock.close()
        self._temporary.close()
