"""What tests share: an environment of their own, a sandbox, a real shell."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client
from cocalc_magic import config as servers
from cocalc_magic.client.wire.probe import forget_generations
from cocalc_magic.sandbox.default_world import WORLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.client.wire.played import Played


class Failures:
    """The names of tests that fail, a line each as it happens: a long run tells what is wrong before its end."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.ensure_newline()
            self._terminal.write_line(f"FAILED {report.nodeid} ({report.when})")


@pytest.hookimpl(trylast=True)  # after the terminal's own
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")  # a worker of xdist has none
    if terminal and config.get_verbosity() <= 0:
        config.pluginmanager.register(Failures(terminal))


@pytest.fixture(autouse=True, scope="session")
def _own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test depends on the developer's servers, proxies, netrc or IPython profile."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("COCALC_") or name.lower().endswith("_proxy"):
                patch.delenv(name)
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path_factory.mktemp("jupyter")))
        patch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


@pytest.fixture(scope="session", autouse=True)
def _sandbox_ends() -> Iterator[None]:
    yield
    servers.sandbox().stop()


@pytest.fixture(scope="module", autouse=True)
def _world_of_the_sandbox_stays() -> Iterator[None]:
    """Tests share a sandbox: a module leaves its person and project as they were made, or stops it."""
    yield
    if servers.sandbox().running:
        person = {name: WORLD["accounts"][0][name] for name in ("account_id", "first_name", "email_address")}
        project = {name: WORLD["projects"][0][name] for name in ("project_id", "title", "description")}
        with Client("sandbox") as client:
            assert client.query(query={"accounts": dict.fromkeys(person)})["query"]["accounts"] == person
            asked = {**dict.fromkeys(project), "project_id": project["project_id"]}
            assert client.query(query={"projects_all": asked})["query"]["projects_all"] == project


@pytest.fixture(autouse=True)
def _servers_are_asked_anew() -> None:
    """A port may belong to another server than in an earlier test."""
    forget_generations()


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the sandbox that this process has started; some tests end it, and the next has another."""
    with Client("sandbox") as connected:
        yield connected


@pytest.fixture
def own_heap() -> Iterator[None]:
    """What other tests have left is not looked through in each collection, where time is measured."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def project_id(client: Client) -> str:
    """A project of its own for the test."""
    return str(client.create_project(title="test")["project_id"])


@pytest.fixture
def play() -> Iterator[Callable[..., tuple[Client, Played]]]:
    """Start servers of today that speak the generations it is called with, each with a client."""
    from tests.client.wire.played import KEY, Played

    with contextlib.ExitStack() as started:

        def start(*generations: str) -> tuple[Client, Played]:
            server = started.enter_context(Played(*generations))
            return started.enter_context(Client(server.url, KEY)), server

        yield start


@pytest.fixture
def shell() -> Iterator[object]:
    """A real IPython shell with the extension loaded, whose cells raise what goes wrong in them."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def cell(self, source: str) -> object:
            """Runs a cell and gives its value; raises what it raises."""
            outcome = self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
            outcome.raise_error()
            return outcome.result

    config = Config()
    config.HistoryManager.enabled = False
    started = Shell(config=config)  # type: ignore[no-untyped-call]
    started.run_line_magic("load_ext", "cocalc_magic")
    yield started
    atexit.unregister(started.atexit_operations)  # it looks through all objects, for each shell that ever was
    Shell.clear_instance()
