"""Keys in the system keyring, where there is one (`pip install cocalc-magic[keyring]`)."""

from __future__ import annotations

from typing import Any

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError

SERVICE = "cocalc-magic"
LEAST = 1  # priority that keyring itself asks of a backend it recommends; below are fail, null and plain text

_read: dict[str, Secret] = {}  # what was found in this process: a keyring may be slow, or ask a person


def trouble() -> str:
    """Return why no keyring can be used here; empty where one can."""
    try:
        import keyring  # late: it need not be installed, and asks the system what there is
    except ImportError:
        return "the package keyring is not installed (pip install 'cocalc-magic[keyring]')"
    try:
        backend = keyring.get_keyring()
    except (ImportError, AttributeError):  # one that PYTHON_KEYRING_BACKEND names and that is not there
        return "the keyring that is configured can't be loaded"
    return "" if _priority(backend) >= LEAST else f"the system offers none that is safe ({_name(backend)})"


def read(url: str) -> Secret | None:
    """Return the key of the server at this address; `None` where there is no key or no keyring.

    Raises:
        CoCalcError: The keyring does not answer, as when it is locked.
    """
    if url not in _read and not trouble():
        import keyring  # late, as above
        from keyring.errors import KeyringError

        try:
            text = keyring.get_password(SERVICE, url)
        except KeyringError as problem:
            raise CoCalcError(f"the system keyring gives nothing: {type(problem).__name__}.") from None
        if text:
            _read[url] = Secret(text)
    return _read.get(url)


def write(url: str, key: Secret) -> None:
    """Save the key of a server. Raises `CoCalcError` where there is no keyring, or it refuses."""
    if why := trouble():
        raise CoCalcError(f"the key is not saved: {why}.", "--save file keeps it in a file of your own.")
    import keyring  # late, as above
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, url, key.reveal())
    except KeyringError as problem:
        raise CoCalcError(f"the system keyring did not take the key: {type(problem).__name__}.") from None
    _read[url] = key


def forget(url: str) -> bool:
    """Remove the key of a server, and return whether there was one."""
    _read.pop(url, None)
    if trouble() or read(url) is None:
        return False
    import keyring  # late, as above
    from keyring.errors import KeyringError

    _read.pop(url, None)
    try:
        keyring.delete_password(SERVICE, url)
    except KeyringError as problem:
        raise CoCalcError(f"the system keyring did not remove the key: {type(problem).__name__}.") from None
    return True


def _priority(backend: Any) -> float:
    try:
        return float(backend.priority)
    except RuntimeError:  # how a backend says that it can't work here
        return 0.0


def _name(backend: Any) -> str:
    return type(backend).__module__.removeprefix("keyring.backends.")
