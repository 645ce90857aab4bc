"""What the server says of the streams of the job: how far a contestant is, and by the server's own clock."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime
from typing import Any

from nats.aio.client import Client

_STALLED = 45.0  # seconds without a new output, and the contestant has failed: longer than ack_wait, which a killed process's last take


async def info(client: Client, request: str) -> dict[str, Any]:
    answer = await client.request(f"$JS.API.{request}", b"", timeout=10)
    return dict(json.loads(answer.data))


async def messages(client: Client, stream: str) -> int:
    return int((await info(client, f"STREAM.INFO.{stream}"))["state"]["messages"])


async def consumers(client: Client) -> list[dict[str, Any]]:
    """Those on the streams of the backlog."""
    return [
        each for name in ("READINGS", "JUDGED") for each in (await info(client, f"CONSUMER.LIST.{name}"))["consumers"]
    ]


async def consumer(client: Client) -> dict[str, Any]:
    """The only one, once it is there. Raises TimeoutError."""
    async with asyncio.timeout(_STALLED):
        while True:
            if found := await consumers(client):
                return found[0]
            await asyncio.sleep(0.002)


async def pulled(client: Client, processes: int) -> None:
    """Return when so many processes wait for events; none: when the last has gone. Raises TimeoutError."""
    async with asyncio.timeout(_STALLED):
        while True:
            waiting = (await consumer(client))["num_waiting"]
            if waiting >= processes if processes else not waiting:
                return
            await asyncio.sleep(0.02)


async def pause(client: Client, until: str) -> None:
    """Have the consumer hand out nothing until then (RFC 3339); "" is: from now on again."""
    name = (await consumer(client))["name"]
    body = json.dumps({"pause_until": until} if until else {}).encode()
    answer = json.loads((await client.request(f"$JS.API.CONSUMER.PAUSE.READINGS.{name}", body, timeout=10)).data)
    if "error" in answer:
        raise RuntimeError(answer["error"])


async def outputs(client: Client, wanted: int) -> bool:
    """Whether so many outputs come to stand, before they stop coming."""
    seen, since = -1, time.monotonic()
    while True:
        found = await messages(client, "ALERTS")
        if found >= wanted:
            return found == wanted or wanted == 1
        if found > seen:
            seen, since = found, time.monotonic()
        elif time.monotonic() - since > _STALLED:
            return False
        await asyncio.sleep(0.02 if wanted - found > 2000 or wanted < 10 else 0.002)


async def span(client: Client) -> tuple[float, float]:
    state = (await info(client, "STREAM.INFO.ALERTS"))["state"]
    return _seconds(state["first_ts"]), _seconds(state["last_ts"])


async def settled(client: Client) -> bool:
    """Whether nothing of the consumer is pending or unacknowledged, within a minute: as long as ack_wait and a bit."""
    for _ in range(1200):
        if all(each["num_ack_pending"] == 0 and each["num_pending"] == 0 for each in await consumers(client)):
            return True
        await asyncio.sleep(0.05)
    return False


async def stored_at(client: Client, stream: str, sequence: int) -> float:
    answer = await client.request(f"$JS.API.STREAM.MSG.GET.{stream}", json.dumps({"seq": sequence}).encode())
    return _seconds(json.loads(answer.data)["message"]["time"])


def _seconds(text: str) -> float:
    """RFC 3339 with nanoseconds, as seconds."""
    head, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(head + "+00:00").timestamp() + float(f"0.{fraction or 0}")
