from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from streamworker.errors import EmbeddedServerError
from streamworker.jetstream import embedded
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.embedded import EmbeddedServer
from streamworker.jetstream.options import ConnectionOptions

from tests.conftest import Eventually


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan whose parent does not collect it is dead as well.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def test_it_runs_with_jetstream_until_it_is_left_and_keeps_its_store(tmp_path: Path) -> None:
    for messages in (0, 1):
        async with EmbeddedServer(tmp_path / "store") as server:
            connection = Connection(ConnectionOptions(url=server.url))
            await connection.open()
            api = Api(connection)
            await api.create_stream({"name": "S", "subjects": ["s"], "storage": "file"})
            assert (await api.stream_info("S")).messages == messages
            await connection.requests.ask("s", b"body")
            await connection.close()
            pid = server.pid
            assert pid is not None
        assert not alive(pid)


async def test_a_port_in_use_is_a_clear_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EmbeddedServerError, match=f"port {port} .*in use"):
            await EmbeddedServer(tmp_path / "store", port=port).start()


async def test_a_store_in_use_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LOCK_WITHIN", 0.1)
    async with EmbeddedServer(tmp_path / "store"):
        with pytest.raises(EmbeddedServerError, match="another embedded nats-server uses"):
            await EmbeddedServer(tmp_path / "store").start()
    async with EmbeddedServer(tmp_path / "store"):
        pass


async def test_a_store_that_can_not_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedServerError, match="can't use"):
        await EmbeddedServer(tmp_path / "file" / "store").start()


async def test_an_early_end_shows_the_log(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "jetstream").write_text("not a folder")
    with pytest.raises(EmbeddedServerError, match=r"(?i)ended at once[\s\S]*jetstream"):
        await EmbeddedServer(tmp_path / "store").start()


async def test_a_missing_binary_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "files", lambda _name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EmbeddedServerError, match="install"):
        await EmbeddedServer(tmp_path / "store").start()


async def test_its_unwanted_end_is_told(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path / "store") as server:
        watching = asyncio.create_task(server.watch())
        await asyncio.sleep(0)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(EmbeddedServerError, match="ended with code"):
            await watching


async def test_its_wanted_end_is_not_an_error(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path / "store") as server:
        watching = asyncio.create_task(server.watch())
        await asyncio.sleep(0)
    await watching


_PARENT = """
import asyncio, pathlib, sys
from streamworker.jetstream.embedded import EmbeddedServer

async def main():
    async with EmbeddedServer(pathlib.Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word that a parent has died")
async def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path, eventually: Eventually) -> None:
    script = (sys.executable, "-c", _PARENT, str(tmp_path / "store"))
    parent = await asyncio.create_subprocess_exec(*script, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    await parent.wait()
    await eventually(lambda: not alive(pid))
    async with EmbeddedServer(tmp_path / "store"):  # and the store is free again
        pass
