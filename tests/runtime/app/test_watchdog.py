"""The watchdog, in processes of its own: it ends them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

PROGRAM = """
import asyncio, time
from streamworker.app.watchdog import Watchdog

def stand(seconds):
    time.sleep(seconds)

async def main():
    watchdog = Watchdog({limit}, running=lambda: ["recorder EVENTS 7"], overdue=lambda: {overdue},
        blame=lambda task: print("blamed", task.get_name(), flush=True))
    watchdog.open()
    print("open", flush=True)
    {body}
    watchdog.close()
    print("went on", flush=True)

asyncio.run(main())
"""


@contextmanager
def program(body: str, *, limit: float = 0.5, overdue: str = "[]") -> Iterator[subprocess.Popen[str]]:
    text = PROGRAM.format(body=body, limit=limit, overdue=overdue)
    process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_loop_that_stands_still_ends_the_process_and_names_what_ran() -> None:
    with program("stand(60)") as process:
        printed, told = process.communicate(timeout=10)

    assert process.returncode == 75
    assert printed == "blamed Task-1\n"
    first, second, *places, way_out = told.splitlines()
    assert first == "streamworker: the event loop has stood still for more than 0.5 s; ending with exit code 75"
    assert second == "  running: recorder EVENTS 7"
    assert "in stand" in places[-1]
    assert "`.blocking`" in way_out


def test_a_loop_that_is_slow_but_moves_goes_on() -> None:
    with program("[(stand(0.2), await asyncio.sleep(0)) for _ in range(5)]") as process:
        printed, told = process.communicate(timeout=10)

    assert (printed, told, process.returncode) == ("went on\n", "", 0)


def test_a_process_that_was_stopped_goes_on() -> None:
    """Time that the whole process did not have does not count."""
    with program("await asyncio.sleep(1)") as process:
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)  # longer than the limit: that is the case
        process.send_signal(signal.SIGCONT)
        printed, told = process.communicate(timeout=10)

    assert (printed, told, process.returncode) == ("went on\n", "", 0)


def test_code_that_holds_the_interpreter_is_ended_by_the_kernel() -> None:
    with program("__import__('re').match('(a+)+$', 'a' * 60 + 'b')") as process:
        _, told = process.communicate(timeout=30)

    assert process.returncode == -signal.SIGVTALRM
    assert "most recent call first" in told
    assert "in main" in told


def test_a_blocking_call_that_outlives_its_timeout_ends_the_process() -> None:
    with program("await asyncio.sleep(60)", overdue="['encoder EVENTS 9']") as process:
        _, told = process.communicate(timeout=10)

    assert process.returncode == 75
    assert told.startswith(
        "streamworker: blocking calls outlived their timeout: encoder EVENTS 9; ending with exit code 75\n"
    )


def test_a_debugger_may_hold_the_loop() -> None:
    held = "import types; exec(compile('import time; time.sleep(1.5)', 'pdb.py', 'exec'), {'__name__': 'pdb'})"
    with program(held) as process:
        printed, told = process.communicate(timeout=10)

    assert (printed, told, process.returncode) == ("went on\n", "", 0)
