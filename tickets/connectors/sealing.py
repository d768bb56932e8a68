"""Owns sealing secrets: AES-256-GCM under a key derived from the installation's, tied to the secret's brand and name.

What is sealed says which key opens it, so keys can be exchanged while the old one is still known (docs/operator.md).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
_KEY_ID, _NONCE = 4, 12
_USE = b"gongdan connector secrets 1"


class Unopenable(Exception):
    """No key that is known opens it, or it was tampered with."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys derived; the first seals, every one opens."""

    keys: Sequence[bytes]

    @classmethod
    def of(cls, *texts: str) -> Keyring:
        """From what an operator keeps secret, the newest first."""
        return cls(tuple(HKDF(SHA256(), 32, salt=None, info=_USE).derive(text.encode()) for text in texts))

    def seal(self, text: str, *, brand_id: int, name: str) -> bytes:
        key, nonce = self.keys[0], os.urandom(_NONCE)
        head = VERSION + _key_id(key) + nonce
        return head + AESGCM(key).encrypt(nonce, text.encode(), _about(brand_id, name))

    def open(self, sealed: bytes, *, brand_id: int, name: str) -> str:
        """Raises Unopenable."""
        key = self._key(sealed)
        nonce, content = sealed[1 + _KEY_ID : 1 + _KEY_ID + _NONCE], sealed[1 + _KEY_ID + _NONCE :]
        try:
            return AESGCM(key).decrypt(nonce, content, _about(brand_id, name)).decode()
        except (InvalidTag, ValueError):
            raise Unopenable(name) from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was sealed with the key that seals now."""
        return sealed[1 : 1 + _KEY_ID] == _key_id(self.keys[0])

    def _key(self, sealed: bytes) -> bytes:
        wanted = sealed[1 : 1 + _KEY_ID]
        found = next((key for key in self.keys if _key_id(key) == wanted), None)
        if sealed[:1] != VERSION or found is None:
            raise Unopenable
        return found


Rows = Iterable[tuple[Any, str]]
"""Rows with a `brand_id` and what is `sealed`, each with the name that it is tied to."""


def reseal(rows: Rows, keyring: Keyring) -> tuple[int, int]:
    """Seal with the newest key what an older one sealed: how many were, and how many no key opens."""
    done = lost = 0
    for row, name in rows:
        if keyring.is_newest(row.sealed):
            continue
        try:
            value = keyring.open(row.sealed, brand_id=row.brand_id, name=name)
        except Unopenable:
            lost += 1
            continue
        row.sealed = keyring.seal(value, brand_id=row.brand_id, name=name)
        done += 1
    return done, lost


def unopenable(rows: Rows, keyring: Keyring) -> list[str]:
    """The names of those that no known key opens: the key was lost or changed."""
    lost = []
    for row, name in rows:
        try:
            keyring.open(row.sealed, brand_id=row.brand_id, name=name)
        except Unopenable:
            lost.append(name)
    return lost


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:_KEY_ID]


def _about(brand_id: int, name: str) -> bytes:
    """A sealed secret put in another's row does not open."""
    return f"{brand_id} {name}".encode()
