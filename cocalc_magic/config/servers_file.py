"""The named servers, in `servers.json` of our folder in Jupyter's configuration.

    {
      "use": "lab",
      "servers": {
        "lab": {"url": "https://cocalc.example.edu/lab", "timeout": 90, "ca": "/etc/ssl/campus.pem"}
      }
    }

`use` names the server of kernels that nothing else tells where to go. No key is ever in this file.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cocalc_magic.config.server import COCALC_AI, COCALC_COM, Server, normal, safe
from cocalc_magic.errors import CoCalcError, what_there_is
from cocalc_magic.sanitize.secret_forms import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

SANDBOX = "sandbox"
BUILT_IN = {"cocalc.ai": Server("cocalc.ai", COCALC_AI), "cocalc.com": Server("cocalc.com", COCALC_COM)}
LONGEST_TIMEOUT = 86_400.0  # seconds
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LOCATION = (  # what of the environment says where Jupyter's configuration is
    "JUPYTER_CONFIG_DIR", "JUPYTER_NO_CONFIG", "JUPYTER_PLATFORM_DIRS",
    "HOME", "USERPROFILE", "XDG_CONFIG_HOME",
)  # fmt: skip
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "url": str,
    "timeout": (int, float),
    "proxy": str,
    "ca": str,
    "insecure": bool,
}


@dataclass
class Settings:
    """The content of `servers.json`: the named servers, and the name of the one to use."""

    use: str = ""
    servers: dict[str, Server] = field(default_factory=dict)

    def all(self) -> dict[str, Server]:
        """Return the named servers and those that are built in; the sandbox has no address until it runs."""
        return {**BUILT_IN, **self.servers}

    def at(self, url: str) -> Server | None:
        """Return the named server with this address, which is in the form of `normal`."""
        return next((server for server in self.servers.values() if server.url == url), None)

    def add(self, server: Server) -> None:
        """Add a server. Raises `CoCalcError` for an invalid one, and for a name in use."""
        if server.name in self.all() or server.name == SANDBOX:
            raise CoCalcError(
                f"there is a server {server.name} already.",
                "" if server.name in (SANDBOX, *BUILT_IN) else f"%cocalc server remove {server.name}",
            )
        self.servers[server.name] = checked(server)

    def remove(self, name: str) -> Server:
        """Remove a server and return it. Raises `CoCalcError` for one that is built in or unknown."""
        if name in BUILT_IN or name == SANDBOX:
            raise CoCalcError(f"{name} is built in and stays.")
        if name not in self.servers:
            raise unknown(name, self)
        self.use = "" if self.use == name else self.use
        return self.servers.pop(name)

    def save(self) -> None:
        """Write the file. Raises `CoCalcError` where it can't be written."""
        servers = {name: _plain(server) for name, server in self.servers.items()}
        content = ({"use": self.use} if self.use else {}) | {"servers": servers}
        try:
            replace_file(path(), json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        except OSError as problem:
            raise CoCalcError(f"{path()} can't be written: {problem.strerror}.") from None


def config_dir() -> Path:
    """Return the folder of our files in Jupyter's configuration; it may not exist yet."""
    return _config_dir(*map(os.environ.get, _LOCATION))


@lru_cache(1)
def _config_dir(*_location: str | None) -> Path:
    """Return the same; it is wanted for each message, and jupyter_core looks links up each time."""
    from jupyter_core.paths import jupyter_config_dir  # late: nothing else at start-up needs it

    return Path(jupyter_config_dir()) / "cocalc-magic"


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all; its folders are made so too.

    Raises:
        OSError: The file is not written; an older one is what it was.
    """
    with replacing(path, binary=isinstance(content, bytes)) as file:
        file.write(content)


@contextmanager
def replacing(path: Path, newline: str | None = None, *, binary: bool = False) -> Iterator[IO[Any]]:
    """Open a file for writing as `replace_file` does; it is there when the context ends well."""
    how: dict[str, Any] = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": newline}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, **how) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def path() -> Path:
    """Return the path of the file."""
    return config_dir() / "servers.json"


def load() -> Settings:
    """Return the content of the file; empty where there is none. Raises `CoCalcError` for a broken one."""
    file = path()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as problem:
        raise CoCalcError(
            f"{file} can't be read: {getattr(problem, 'strerror', 'it is not text')}."
        ) from None
    return parse(text, str(file))


def parse(text: str, name: str = "servers.json") -> Settings:
    """Return the settings in a text. Raises `CoCalcError` with the line, and what to do about it."""
    try:
        content = json.loads(text)
    except ValueError as problem:
        line, why = getattr(problem, "lineno", 1), getattr(problem, "msg", "not JSON")
        raise _broken(name, line, f"it is not JSON: {why}") from None
    if not isinstance(content, dict) or not isinstance(content.get("servers", {}), dict):
        raise _broken(name, 1, 'it is not {"servers": {…}}')
    settings = Settings(str(content.get("use") or ""))
    for called, fields in content.get("servers", {}).items():
        try:
            settings.add(_server(called, fields))
        except CoCalcError as problem:
            raise _broken(name, _line_of(text, called), f"{called}: {problem.problem}") from None
    for extra in content.keys() - {"use", "servers"}:
        raise _broken(name, _line_of(text, extra), f"{extra} is not for this file")
    if settings.use and settings.use not in (SANDBOX, *settings.all()):
        raise _broken(name, _line_of(text, "use"), f"there is no server {settings.use} to use")
    return settings


def checked(server: Server) -> Server:
    """Return the server with its address in the normal form. Raises `CoCalcError` for an invalid one."""
    if not _NAME.fullmatch(server.name):
        raise CoCalcError(
            "this is not a name for a server.", "A name has letters, digits, dots, dashes and no blanks"
        )
    if server.timeout is not None and not 0 < server.timeout < LONGEST_TIMEOUT:
        raise CoCalcError(f"a time limit is more than 0 and less than a day, not {server.timeout:g} s.")
    if server.proxy:
        _check_proxy(server.proxy)
    return safe(replace(server, url=normal(server.url)))


def address_of(server: str) -> str:
    """Return the address of a server that is given by its name or its address; empty for the sandbox.

    Raises:
        CoCalcError: It is neither.
    """
    if server == SANDBOX:
        return ""
    named = load().all().get(server)
    return named.url if named else normal(server)


def unknown(name: str, settings: Settings) -> CoCalcError:
    """Return the error for a name that no server has."""
    names = [SANDBOX, *(name for name, server in settings.all().items() if not server.retired)]
    return CoCalcError(
        f"there is no server {name!r}.",
        *what_there_is(name, names, "There are:", "%cocalc server lists them."),
        "%cocalc server add NAME ADDRESS adds one",
    )


def _check_proxy(proxy: str) -> None:
    try:
        parts = urlsplit(proxy)
        known = parts.scheme in ("http", "https", "socks5", "socks5h") and parts.hostname
    except ValueError:
        known = None
    if not known:
        raise CoCalcError(
            "this is not the address of a proxy.", "It looks like http://proxy.example.edu:3128"
        )
    if parts.username is not None or parts.password is not None:
        raise CoCalcError(
            "the file of servers holds no password, also none of a proxy.",
            "Set HTTPS_PROXY in the environment in place of --proxy",
        )


def _server(name: str, fields: Any) -> Server:
    """Return the server that an entry describes. Raises `CoCalcError`, which repeats no value."""
    if not isinstance(fields, dict) or not isinstance(fields.get("url"), str):
        raise CoCalcError('it needs {"url": "https://…"}')
    for field_name, value in fields.items():
        if is_secret_name(field_name, doubtful=True):
            raise CoCalcError(f"{field_name} is not for this file: remove it and type %cocalc login {name}")
        if field_name not in _FIELDS:
            raise CoCalcError(f"there is no setting {field_name}; there are {', '.join(_FIELDS)}")
        if not isinstance(value, _FIELDS[field_name]) or (
            isinstance(value, bool) and field_name != "insecure"
        ):
            raise CoCalcError(f"{field_name} has a value of the wrong kind")
    return Server(name, **fields)


def _plain(server: Server) -> dict[str, Any]:
    """Return the entry of a server: its address, and what is not the default."""
    return {name: getattr(server, name) for name in _FIELDS if getattr(server, name)}


def _line_of(text: str, word: str) -> int:
    start = text.find(json.dumps(word, ensure_ascii=False))
    return text.count("\n", 0, max(0, start)) + 1


def _broken(name: str, line: int, why: str) -> CoCalcError:
    return CoCalcError(
        f"line {line} of {name}: {why.rstrip('.')}.",
        "Put it right in an editor, or delete the file and add the servers again: %cocalc server add",
    )
