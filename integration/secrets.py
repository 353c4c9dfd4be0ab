"""Secrets at rest: encrypted with the installation's own key, the newest of several, so that keys can be changed.

Nothing here ever puts a secret or a key into a `repr` or an error.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from integration.contract import Misconfigured


class Vault:
    """Encrypts with the first key and decrypts with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise Misconfigured("bad_secret_key", _BAD_KEY) from None

    def __repr__(self) -> str:
        return "Vault(…)"

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, token: bytes) -> str:
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise Misconfigured("wrong_secret_key", _WRONG_KEY) from None

    def rotated(self, token: bytes) -> bytes:
        """The same secret, encrypted with the first key."""
        try:
            return self._fernet.rotate(token)
        except InvalidToken:
            raise Misconfigured("wrong_secret_key", _WRONG_KEY) from None

    def encrypt_all(self, secrets: Mapping[str, str]) -> bytes:
        return self.encrypt(json.dumps(dict(secrets)))

    def decrypt_all(self, token: bytes | None) -> dict[str, str]:
        return {} if token is None else dict(json.loads(self.decrypt(token)))


_BAD_KEY = (
    "TIELINE_SECRET_KEY must hold one or more keys, separated by commas, each 32 bytes in URL-safe base64; "
    "leave it out and a key is generated into the data directory."
)
_WRONG_KEY = (
    "The stored credentials were encrypted with another key: add that key to TIELINE_SECRET_KEY, after the new one."
)


def new_key() -> str:
    return Fernet.generate_key().decode()


def key_file(path: Path) -> str:
    """The keys in the file; the first start makes it, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path.read_text().strip()


def vault(keys: str) -> Vault:
    """`keys`: separated by commas or blanks, the newest first."""
    return Vault([key for key in keys.replace(",", " ").split() if key])
