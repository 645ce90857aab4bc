"""All ways in which a NATS server may ask who we are: what it is configured with, what a process is told, and what of it is secret."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nkeys  # type: ignore[import-untyped]  # it has no types

from tests.runtime.jetstream.jwt import Realm


@dataclass(frozen=True)
class Way:
    """config: of the server. variables: what lets a process in; of these, `wrong` ones do not. url: what stands before the server's
    address. secrets: texts that nobody may ever see; those of the wrong variables are among them."""

    name: str
    config: str
    variables: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    url: str = "nats://"
    wrong_url: str = ""
    secrets: Sequence[str] = ()


def ways(folder: Path, certificates: Path) -> Sequence[Way]:
    """Each with secrets of its own. folder: where files with secrets lie."""
    return (
        Way(
            "user and password",
            'authorization { user: ann, password: "secret-of-ann" }',
            {"NATS_USER": "ann", "NATS_PASSWORD": "secret-of-ann"},
            {"NATS_PASSWORD": "secret-mistake"},
            secrets=["secret-of-ann", "secret-mistake"],
        ),
        Way(
            "user and password in the URL",
            'authorization { user: ann, password: "se/cr:et@url" }',
            url="nats://ann:se%2Fcr%3Aet%40url@",
            wrong_url="nats://ann:secret-mistake@",
            secrets=["se/cr:et@url", "se%2Fcr%3Aet%40url", "secret-mistake"],
        ),
        Way(
            "token",
            'authorization { token: "secret-token" }',
            {"NATS_TOKEN": "secret-token"},
            {"NATS_TOKEN": "secret-mistake"},
            secrets=["secret-token", "secret-mistake"],
        ),
        Way(
            "token in the URL",
            'authorization { token: "secret-token" }',
            url="nats://secret-token@",
            wrong_url="nats://secret-mistake@",
            secrets=["secret-token", "secret-mistake"],
        ),
        _by_nkey(folder),
        _by_creds(folder),
        _by_tls(certificates),
        _by_mutual_tls(certificates),
    )


def _by_nkey(folder: Path) -> Way:
    seeds = [bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)) for _ in range(2)]
    for name, seed in zip(("right.nk", "wrong.nk"), seeds, strict=True):
        (folder / name).write_bytes(seed)
    public = nkeys.from_seed(bytearray(seeds[0])).public_key.decode()
    return Way(
        "nkey",
        f"authorization {{ users: [{{ nkey: {public} }}] }}",
        {"NATS_NKEY": str(folder / "right.nk")},
        {"NATS_NKEY": str(folder / "wrong.nk")},
        secrets=[seed.decode() for seed in seeds],
    )


def _by_creds(folder: Path) -> Way:
    realm, right, wrong = Realm(), folder / "right.creds", folder / "wrong.creds"
    realm.write_user(right, lives=600)
    Realm().write_user(wrong, lives=600)
    secrets = [line for file in (right, wrong) for line in file.read_text().splitlines() if line and line[0] != "-"]
    return Way("creds", realm.config, {"NATS_CREDS": str(right)}, {"NATS_CREDS": str(wrong)}, secrets=secrets)


def _by_tls(folder: Path) -> Way:
    return Way(
        "TLS and password",
        f'authorization {{ user: ann, password: "secret-of-ann" }}\n{_tls(folder)}',
        {"NATS_USER": "ann", "NATS_PASSWORD": "secret-of-ann", "NATS_CA": str(folder / "ca.pem")},
        {"NATS_CA": ""},  # an authority that we do not know
        url="tls://",
        secrets=["secret-of-ann"],
    )


def _by_mutual_tls(folder: Path) -> Way:
    """The server takes the user from the client's certificate."""
    mapped = 'authorization { users: [ { user: "CN=client" } ] }'
    files = {"NATS_CA": "ca.pem", "NATS_CERT": "client.pem", "NATS_KEY": "client.key"}
    key = (folder / "client.key").read_text().splitlines()
    return Way(
        "mutual TLS",
        f"{mapped}\n{_tls(folder, 'verify_and_map: true')}",
        {name: str(folder / file) for name, file in files.items()},
        {"NATS_CERT": "", "NATS_KEY": ""},
        secrets=[line for line in key if line[0] != "-"],
    )


def _tls(folder: Path, more: str = "") -> str:
    cert, key, ca = (folder / name for name in ("server.pem", "server.key", "ca.pem"))
    return f'tls {{ cert_file: "{cert}", key_file: "{key}", ca_file: "{ca}", {more} }}'
