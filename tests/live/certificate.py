"""A certificate for loopback that nobody trusts, made when it is needed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.support.programs import CACHE, missing, once

if TYPE_CHECKING:
    from pathlib import Path


def self_signed() -> Path:
    """The PEM file with a key and its own certificate for 127.0.0.1, by openssl."""
    if shutil.which("openssl") is None:
        missing("openssl is not installed")
    folder = CACHE / "certificate"
    with once(folder) as fresh:
        if fresh:
            command = [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "3650",
                "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem",
            ]  # fmt: skip
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            both = (folder / "key.pem").read_text(encoding="utf-8") + (folder / "cert.pem").read_text(encoding="utf-8")
            (folder / "both.pem").write_text(both, encoding="utf-8")
    return folder / "both.pem"
