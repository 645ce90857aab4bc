"""HTTP services: clients by name, and what stands in for them."""

from __future__ import annotations

import base64

import httpx
import pytest
from streamworker.errors import ConfigurationError
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.publisher import Publisher
from streamworker.resources import Http, Resources
from streamworker.resources.live import LiveBackend
from streamworker.testing import FakeResources

from tests.runtime.feed_server import FeedServer, answer

MIRAKC = Http(name="mirakc", url="${MIRAKC_URL}", timeout=3.0)


@pytest.fixture
def unconnected() -> Connection:
    return Connection(ConnectionOptions())


def live(connection: Connection, variables: dict[str, str]) -> Resources:
    return Resources(LiveBackend(connection, Publisher(connection), variables))


async def test_a_client_has_the_services_address_and_timeout(unconnected: Connection) -> None:
    resources = live(unconnected, {"MIRAKC_URL": "http://tv:40772/api"})
    client = resources.http(MIRAKC)

    assert client.build_request("GET", "/services").url == "http://tv:40772/api/services"
    assert client.timeout == httpx.Timeout(3.0)
    assert resources.http(MIRAKC) is client

    await resources.close()
    assert client.is_closed


async def test_a_password_in_the_address_is_sent_and_stands_in_no_error(unconnected: Connection) -> None:
    async with FeedServer(answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as server:
        client = live(unconnected, {"MIRAKC_URL": server.url.replace("://", "://ann:sec%40ret@")}).http(MIRAKC)
        response = await client.get("/services")
        with pytest.raises(httpx.HTTPStatusError) as failure:
            response.raise_for_status()
        await client.aclose()

    assert server.requests[0].headers["authorization"] == "Basic " + base64.b64encode(b"ann:sec@ret").decode()
    assert "404" in str(failure.value)
    assert "ret" not in f"{failure.value}{response.request.url}"


async def test_a_missing_variable_is_named(unconnected: Connection) -> None:
    with pytest.raises(ConfigurationError, match=r"MIRAKC_URL  used by http\.mirakc\.url"):
        live(unconnected, {}).http(MIRAKC)


async def test_a_fake_service_answers_by_a_function() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"path": request.url.path})

    resources = FakeResources().serve(MIRAKC, echo)
    response = await resources.http(MIRAKC).get("/services/1")

    assert response.json() == {"path": "/services/1"}


async def test_a_service_that_nothing_serves_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="nothing serves GET http://mirakc/services here"):
        await FakeResources().http(MIRAKC).get("/services")
