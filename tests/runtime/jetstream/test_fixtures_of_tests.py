from __future__ import annotations

from nats.aio.client import Client

from tests.conftest import Eventually, StartNatsServer
from tests.servers import NatsServer


async def test_shared_server_has_jetstream(nats_server: NatsServer, nats_client: Client, prefix: str) -> None:
    js = nats_client.jetstream()
    await js.add_stream(name=f"{prefix}_IN", subjects=[f"{prefix}.in"])
    assert (await js.publish(f"{prefix}.in", b"x")).seq == 1


async def test_own_server_keeps_port_and_pid_changes(
    start_nats_server: StartNatsServer, eventually: Eventually
) -> None:
    server = start_nats_server()
    port, pid = server.port, server.pid
    server.restart(kill=True)
    assert server.port == port
    assert server.pid != pid
    assert await eventually(lambda: server.running)
