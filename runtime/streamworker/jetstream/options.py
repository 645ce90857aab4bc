"""How to reach NATS, declared once."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from streamworker.errors import ConfigurationError

DEFAULT_URL = "nats://localhost:4222"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Who we are to the server: user and password, or a token, or a file. Never shown in a repr.

    nkey: path of a file that holds an nkey seed. creds: path of a credentials file (JWT and seed), as `nsc` writes it.
    """

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    nkey: str = ""
    creds: str = ""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Paths of PEM files: who is trusted (in place of the system's authorities), and what we show of ourselves.

    first: begin with TLS, before the server's greeting; for servers that are set so (`handshake_first`).
    """

    ca: str = ""
    cert: str = ""
    key: str = ""
    first: bool = False

    def context(self) -> ssl.SSLContext:
        """A fresh context, so that renewed files count from the next connect. Raises OSError (ssl.SSLError is one)."""
        context = ssl.create_default_context(cafile=self.ca or None)
        if self.cert:
            context.load_cert_chain(self.cert, self.key or None)
        return context


AskCredentials: TypeAlias = Callable[[], Credentials]


@dataclass(frozen=True, kw_only=True)
class ConnectionOptions:
    """How to reach NATS. Durations are seconds.

    url: one server or several, with commas; user and password may stand in it. credentials: what to show, or a function that is
    asked at every connect and must not block. ping_interval: two pings without an answer, and the connection counts as gone.
    request_timeout: how long an answer of the server is awaited. longest_backoff: the longest pause between two tries to connect.
    """

    url: str = DEFAULT_URL
    name: str = "streamworker"
    credentials: Credentials | AskCredentials = field(default_factory=Credentials, repr=False)
    tls: Tls | None = None
    inbox_prefix: str = "_INBOX"
    ping_interval: float = 10.0
    connect_timeout: float = 5.0
    request_timeout: float = 5.0
    longest_backoff: float = 10.0

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers as named, without what is secret. Raises ConfigurationError if the URL can't be read."""
        return tuple(_without_user(url) for url in self.url.split(",") if url.strip())

    @property
    def wants_tls(self) -> bool:
        """Whether a server without TLS is refused."""
        return self.tls is not None or any(url.startswith(("tls://", "wss://")) for url in self.servers)

    def ask_credentials(self) -> Credentials:
        """The credentials as they are now; those in the URL count where no others are given."""
        given = self.credentials if isinstance(self.credentials, Credentials) else self.credentials()
        return given if given != Credentials() else _of_url(self.url)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], *, name: str = "streamworker") -> ConnectionOptions:
        """Options by the variables that the `nats` command reads as well: NATS_URL, NATS_USER, NATS_PASSWORD, NATS_TOKEN,
        NATS_NKEY, NATS_CREDS, NATS_CA, NATS_CERT, NATS_KEY and NATS_INBOX_PREFIX; and NATS_TLS_FIRST, which that has as an option."""

        def value(key: str) -> str:
            return environ.get(f"NATS_{key}", "")

        tls = Tls(ca=value("CA"), cert=value("CERT"), key=value("KEY"), first=bool(value("TLS_FIRST")))
        return cls(
            url=value("URL") or DEFAULT_URL,
            name=name,
            credentials=Credentials(
                user=value("USER"),
                password=value("PASSWORD"),
                token=value("TOKEN"),
                nkey=value("NKEY"),
                creds=value("CREDS"),
            ),
            tls=tls if tls != Tls() else None,
            inbox_prefix=value("INBOX_PREFIX") or "_INBOX",
        )


def _full(url: str) -> str:
    return url.strip() if "://" in url else f"nats://{url.strip()}"


def _without_user(url: str) -> str:
    parts = urlsplit(_full(url))
    if not _is_address(parts):
        raise ConfigurationError(  # the URL is not repeated: parts of a password may stand anywhere in it
            "the URL of the NATS server is not like nats://host:4222",
            hint="begin it with nats://, tls://, ws:// or wss://; "
            "write special characters of user and password as %40 for @, %2F for /, and so on",
        )
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _is_address(parts: SplitResult) -> bool:
    try:
        known = parts.scheme in ("nats", "tls", "ws", "wss") and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number
        return False
    return known and bool(parts.hostname) and not (parts.path.strip("/") or parts.query or parts.fragment)


def _of_url(urls: str) -> Credentials:
    for url in urls.split(","):
        parts = urlsplit(_full(url))
        if parts.username and parts.password:
            return Credentials(user=unquote(parts.username), password=unquote(parts.password))
        if parts.username:
            return Credentials(token=unquote(parts.username))
    return Credentials()
