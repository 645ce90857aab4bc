"""Operators, accounts and users as a nats-server knows them by JWT: what `nsc` makes, for tests."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import nkeys  # type: ignore[import-untyped]  # it has no types

_UNLIMITED = ("subs", "data", "payload", "imports", "exports", "conn", "leaf")
_JETSTREAM = ("mem_storage", "disk_storage", "streams", "consumer")


class Identity:
    """A key pair of an operator, an account or a user."""

    def __init__(self, kind: int) -> None:
        self.seed = bytes(nkeys.encode_seed(os.urandom(32), kind))
        self._keys = nkeys.from_seed(bytearray(self.seed))
        self.public: str = self._keys.public_key.decode()

    def sign(self, claims: dict[str, object]) -> str:
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        body = {"jti": os.urandom(8).hex(), "iat": int(time.time()), "iss": self.public, **claims}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, body))
        return f"{signed}.{_encoded(self._keys.sign(signed.encode()))}"


class Realm:
    """An operator with one account that has JetStream."""

    def __init__(self) -> None:
        self._operator = Identity(nkeys.PREFIX_BYTE_OPERATOR)
        self._account = Identity(nkeys.PREFIX_BYTE_ACCOUNT)

    @property
    def config(self) -> str:
        """For the server."""
        system = Identity(nkeys.PREFIX_BYTE_ACCOUNT).public
        operator = self._operator.sign(
            {"sub": self._operator.public, "name": "operator", "nats": {"type": "operator", "version": 2}}
        )
        accounts = {
            system: self._account_of(system, jetstream=0),
            self._account.public: self._account_of(self._account.public),
        }
        preloaded = ", ".join(f"{account}: {jwt}" for account, jwt in accounts.items())
        return f"operator: {operator}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload: {{ {preloaded} }}"

    def _account_of(self, public: str, *, jetstream: int = -1) -> str:
        limits = {**dict.fromkeys(_UNLIMITED, -1), **dict.fromkeys(_JETSTREAM, jetstream), "wildcards": True}
        nats = {"type": "account", "version": 2, "limits": limits}
        return self._operator.sign({"sub": public, "name": "account", "nats": nats})

    def write_user(
        self, file: Path, *, lives: float, publish: Sequence[str] = (), subscribe: Sequence[str] = ()
    ) -> None:
        """Write the credentials of a new user, who may come for `lives` seconds. publish, subscribe: what it may, if not everything."""
        user = Identity(nkeys.PREFIX_BYTE_USER)
        may = {"pub": {"allow": publish} if publish else {}, "sub": {"allow": subscribe} if subscribe else {}}
        nats = {"type": "user", "version": 2, **may, "subs": -1, "data": -1, "payload": -1}
        jwt = self._account.sign({"sub": user.public, "name": "user", "exp": int(time.time() + lives), "nats": nats})
        file.write_text(
            f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed.decode()}\n------END USER NKEY SEED------\n"
        )


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
