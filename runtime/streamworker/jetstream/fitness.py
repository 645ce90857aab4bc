"""Whether a server can do what we need."""

from __future__ import annotations

from collections.abc import Callable

from nats.aio.client import Client

from streamworker.errors import BrokerError, ConfigurationError, ConnectionLost
from streamworker.jetstream.api import answer_of
from streamworker.jetstream.requests import NO_RESPONDERS, Requests

OLDEST_SERVER = (2, 11)
_NO_JETSTREAM = (NO_RESPONDERS, 10039, 10076)


def version_of(client: Client) -> str:
    version = client.connected_server_version
    return f"{version.major}.{version.minor}.{version.patch}"


def check_version(client: Client, url: str) -> None:
    """Raise ConfigurationError if the server is too old."""
    version = client.connected_server_version
    if (version.major, version.minor) < OLDEST_SERVER:
        raise ConfigurationError(
            f"the NATS server at {url} is version {version_of(client)}",
            hint=f"streamworker needs nats-server {'.'.join(map(str, OLDEST_SERVER))} or newer",
        )


async def check_jetstream(requests: Requests, url: str, say: Callable[[str], None]) -> None:
    """Return when JetStream answers. Raises ConfigurationError if there is none. say: told what is waited for."""
    while True:
        try:
            answer_of("JetStream", await requests.ask("$JS.API.INFO"))
        except ConnectionLost as silence:  # a cluster may be choosing its leader
            say(silence.reason)
        except BrokerError as error:
            if error.code in _NO_JETSTREAM:
                raise ConfigurationError(
                    f"the NATS server at {url} has no JetStream for us: {error.description}",
                    hint="enable it: a `jetstream` block in the server's configuration, and in the account's where there are any",
                ) from None
            break  # it answers, though not to this: we may not be permitted to ask
        else:
            break
    say("")
