"""One nats-py client: opened once, watched, given up. It never reconnects by itself; `connection` opens the next one.

Why: a client that reconnects by itself (nats-py 2.16) is closed for good by most `-ERR`, hangs on a stalled socket, and writes what it
had buffered before anyone could ask whether the stream is still the same one. All that reaches into the client's private parts is here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from nats import errors
from nats.aio.client import Client
from nats.protocol.parser import Parser

from streamworker.errors import ConfigurationError
from streamworker.jetstream.options import ConnectionOptions, Credentials, Tls
from streamworker.jetstream.reading import Reader

_logger = logging.getLogger(__name__)
_CLOSE_WITHIN = 2.0
_PASSING = (OSError, TimeoutError, errors.Error)
_CREDS_MARKS = (b"BEGIN NATS USER JWT", b"BEGIN USER NKEY SEED")
_VARIABLES = "check NATS_CREDS or NATS_NKEY"
_TLS_VARIABLES = "check NATS_CA, NATS_CERT and NATS_KEY"
_REFUSALS = ("authorization violation", "authentication expired", "authentication revoked")


class RefusedByServerError(Exception):
    """The server was reached and does not let us in; trying again with the same credentials is of no use."""

    def __init__(self, reason: str, *, hint: str = "check the credentials") -> None:
        super().__init__(reason)
        self.hint = hint

    def told(self, server: str) -> str:
        return f"the NATS server {server} does not let us in: {self}"


class UnusableCredentialsError(RefusedByServerError):
    """What we would show to a server can't be used, and none was asked."""

    def told(self, server: str) -> str:
        return f"no way into the NATS server {server}: {self}"


class ReadingClient(Client):
    """nats-py's client, with a reader of our own in place of its parser. Raises ConfigurationError for a nats-py that has none."""

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        super().__init__()
        if not isinstance(getattr(self, "_ps", None), Parser):
            raise ConfigurationError(
                f"nats-py {version('nats-py')} reads in a way that is not known here", hint="install nats-py 2.16"
            )
        self.reader = Reader(self, on_error)
        self._ps = self.reader


async def open_client(
    options: ConnectionOptions, server: str, on_error: Callable[[Exception], None], on_down: Callable[[], None]
) -> ReadingClient:
    """A connected client. Raises RefusedByServerError or ConfigurationError, and OSError, TimeoutError or nats.errors.Error where it may
    pass."""
    client = ReadingClient(on_error)
    opening = True

    async def error_cb(error: Exception) -> None:
        if opening:
            raise error  # ends `connect` with its cause; it would try again by itself, and forget it
        on_error(error)

    try:
        async with asyncio.timeout(2 * options.connect_timeout):
            await _connect(client, options, server, error_cb, _parks(client, on_down), _calls(on_down))
        if not client.is_connected:
            raise errors.Error("the server did not finish its greeting")  # noqa: TRY301 -- handled like its other failures
    except Exception as error:
        opening = False
        await close_client(client)
        if isinstance(error, RefusedByServerError | ConfigurationError):
            raise
        if not isinstance(error, _PASSING):  # a seed that is none, for example; its text may repeat what is secret
            raise UnusableCredentialsError(
                f"the credentials or the URL can't be used ({type(error).__name__})"
            ) from None
        if _is_refusal(error):
            raise RefusedByServerError(_text(error), hint=_hint(error)) from error
        raise
    opening = False
    return client


async def send_bytes(client: Client, data: bytes) -> None:
    """Hand the client bytes of the protocol, as its own `publish` does at its end. Waits where more than 2 MiB wait for the socket."""
    if client.is_closed:
        raise errors.ConnectionClosedError
    await client._send_command(data)
    if client._flush_queue is not None and client._flush_queue.empty():
        await client._flush_pending()


async def close_client(client: Client) -> None:
    """Close it, however stuck it is."""
    closing = asyncio.ensure_future(client.close())
    await asyncio.wait({closing}, timeout=_CLOSE_WITHIN)
    if not closing.done():
        _abort(client)
        closing.cancel()
        await asyncio.wait({closing}, timeout=_CLOSE_WITHIN)
    if closing.done() and not closing.cancelled() and (error := closing.exception()):
        _logger.debug("closing the connection: %s", error)


async def _connect(
    client: Client,
    options: ConnectionOptions,
    server: str,
    error_cb: Callable[[Exception], Awaitable[None]],
    disconnected_cb: Callable[[], Awaitable[None]],
    closed_cb: Callable[[], Awaitable[None]],
) -> None:
    credentials = _ask(options)
    _check(credentials)

    def guarded(secret: str) -> Callable[[], str] | None:
        """Asked for once the server's greeting was read: nothing secret goes out in the clear where TLS is wanted."""

        def ask() -> str:
            _check_tls(client, options)
            return secret

        return ask if secret else None

    await client.connect(
        server,
        name=options.name,
        error_cb=error_cb,
        disconnected_cb=disconnected_cb,
        closed_cb=closed_cb,
        # `allow_reconnect` stays on: only then does the client report a lost socket without first writing to it. It gets no further
        # than `disconnected_cb`, which waits to be closed.
        connect_timeout=options.connect_timeout,  # type: ignore[arg-type]  # annotated int, used as seconds of any kind
        ping_interval=options.ping_interval,  # type: ignore[arg-type]  # the same
        tls=_context(options.tls) if options.tls else None,
        tls_handshake_first=options.tls.first if options.tls else False,
        user=guarded(credentials.user),
        password=guarded(credentials.password),
        token=guarded(credentials.token),
        nkeys_seed=credentials.nkey or None,
        user_credentials=credentials.creds or None,
        inbox_prefix=options.inbox_prefix,
    )
    _check_tls(client, options)


def _parks(client: Client, on_down: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def disconnected_cb() -> None:
        on_down()
        if not client.is_closed:
            await asyncio.Event().wait()  # until `close_client` cancels the client's attempt to reconnect

    return disconnected_cb


def _calls(on_down: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def closed_cb() -> None:
        on_down()

    return closed_cb


def _ask(options: ConnectionOptions) -> Credentials:
    try:
        return options.ask_credentials()
    except Exception as error:  # the user's own function
        raise UnusableCredentialsError(f"there are no credentials: {type(error).__name__}") from error


def _check(credentials: Credentials) -> None:
    for path in filter(None, (credentials.creds, credentials.nkey)):
        try:
            text = Path(path).read_bytes()
        except OSError as error:
            raise UnusableCredentialsError(f"{path} can't be read: {error.strerror}", hint=_VARIABLES) from None
        if path == credentials.creds and not all(mark in text for mark in _CREDS_MARKS):
            # The client would look for them for ever.
            raise UnusableCredentialsError(f"{path} holds no credentials", hint=_VARIABLES)
        if find_spec("nkeys") is None:
            raise ConfigurationError(
                f"{path} can't be used without the package nkeys", hint="install streamworker[nkeys]"
            )


def _check_tls(client: Client, options: ConnectionOptions) -> None:
    if options.wants_tls and not client._server_info.get("tls_required"):
        raise RefusedByServerError(
            "TLS is wanted, and the server does not ask for it",
            hint="have the server use TLS, or leave NATS_CA, NATS_CERT and tls:// away",
        )


def _context(tls: Tls) -> ssl.SSLContext:
    try:
        return tls.context()
    except OSError as error:
        files = ", ".join(filter(None, (tls.ca, tls.cert, tls.key)))
        problem = f"the files for TLS can't be used: {error.strerror or error} ({files})"
        raise UnusableCredentialsError(problem, hint=_TLS_VARIABLES) from None


def _hint(error: Exception) -> str:
    return _TLS_VARIABLES if isinstance(error, ssl.SSLError) else "check the credentials"


def _is_refusal(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, ssl.SSLError) or any(refusal in text for refusal in _REFUSALS)


def _text(error: Exception) -> str:
    return str(error).removeprefix("nats: ").strip("'\" ")


def _abort(client: Client) -> None:
    # `close()` waits for a stalled peer to take what was written, for ever.
    transport = getattr(client, "_transport", None)
    writer = getattr(transport, "_io_writer", None)
    with contextlib.suppress(AttributeError):
        writer.transport.abort()  # type: ignore[union-attr]  # checked by the suppress
