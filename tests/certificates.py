"""A certificate for localhost that nobody knows, and a server's half of it."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def certificate(folder: Path, *options: str) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate by openssl, and return its file and a server's context with it.

    Args:
        folder: Where the two files go.
        options: For `openssl req`, in place of those that name localhost.
    """
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [shutil.which("openssl") or "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", *(options or ("-addext", "subjectAltName=DNS:localhost")),
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
