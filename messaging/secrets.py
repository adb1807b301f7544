"""How is a clinic's password kept? AES-256-GCM, bound to its row, under a ring of keys apart from SECRET_KEY.

The associated data names table, column, clinic and row, so a ciphertext copied into another row does not open.
`FIELD_KEYS` is a comma-separated ring of `name:base64 of 32 bytes`; the first key writes, all of them read.
"""

import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


class Unreadable(Exception):
    """The secret cannot be opened: its key is gone, or it was moved from another row."""


def seal(plain: str, bound_to: str) -> str:
    """Encrypts `plain` for the place `bound_to` ('table|column|clinic|row'). Gives key name, nonce, ciphertext."""
    name, key = _ring()[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), f"{bound_to}|{name}".encode())
    return f"{name}:{b64encode(nonce + sealed).decode()}"


def unseal(text: str, bound_to: str) -> str:
    """The secret that `seal` kept for the same place. Raises Unreadable."""
    name, _, body = text.partition(":")
    keys = dict(_ring())
    if name not in keys:
        raise Unreadable(f"no key named {name!r} in FIELD_KEYS")
    try:
        raw = b64decode(body)
        return AESGCM(keys[name]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{bound_to}|{name}".encode()).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: not base64, or too short to be ours
        raise Unreadable("the secret belongs to another row, or was changed") from error


def _ring() -> list[tuple[str, bytes]]:
    entries = [entry.partition(":") for entry in settings.FIELD_KEYS]
    if not entries:
        raise Unreadable("FIELD_KEYS is empty: no secret can be kept or read")
    return [(name, b64decode(key)) for name, _, key in entries]
