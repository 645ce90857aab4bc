"""`python -m tests.simulator`: run a simulator until it is told to stop (SIGINT, SIGTERM)."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from dataclasses import fields
from pathlib import Path

from tests.simulator.faults import NAMES
from tests.simulator.scenario import HOUR, MINUTE, Scenario
from tests.simulator.simulator import simulator


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one; it is printed")
    parser.add_argument("--log", type=Path, help="where to write what was sent, one JSON object a line")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--services", type=int, default=19)
    parser.add_argument("--programs", type=int, default=7139)
    parser.add_argument("--nameless", type=int, help="of the programs; as many as in life, five of eight, by default")
    parser.add_argument("--tuners", type=int, default=8)
    parser.add_argument("--recorders", type=int, default=2, help="timeshift recorders")
    parser.add_argument("--start", type=int, help="where its clock starts, milliseconds since 1970; now by default")
    parser.add_argument("--speed", type=float, default=60.0, help="its seconds in one of ours; 0: as fast as it goes")
    parser.add_argument("--cold", type=float, default=0, help="minutes for which program lists are still empty")
    parser.add_argument("--flush", type=float, default=20, help="minutes between two flushes of a service's guide")
    parser.add_argument("--recordings", type=int, default=6, help="recordings an hour that others book")
    parser.add_argument("--pages", type=float, default=0.1, help="share of named programs that name a web page")
    parser.add_argument("--duration", type=float, help="hours, its own, until the feed ends in order")
    parser.add_argument("--frames", type=int, help="frames until the feed ends in order")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME=SHARE", help=f"one of {', '.join(sorted(NAMES))}"
    )
    return parser


def _scenario(options: argparse.Namespace) -> Scenario:
    given = vars(options)
    known = {it.name: given[it.name] for it in fields(Scenario) if given.get(it.name) is not None}
    known["nameless"] = given["programs"] * 4459 // 7139 if given["nameless"] is None else given["nameless"]
    known["start"] = int(time.time() * 1000) if given["start"] is None else given["start"]
    known["cold"], known["flush"] = int(given["cold"] * MINUTE), int(given["flush"] * MINUTE)
    known["duration"] = None if given["duration"] is None else int(given["duration"] * HOUR)
    known["faults"] = dict(map(_fault, given["fault"]))
    return Scenario(**known)


def _fault(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name, float(share or 1)
    except ValueError:
        raise ValueError(f"the fault {text} is not like {name}=0.01, a share of all") from None


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with simulator(_scenario(options), host=options.host, port=options.port, log=options.log) as it:
        print(it.url, flush=True)
        living = asyncio.create_task(it.live())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            living.result()  # raises what went wrong, if anything did
            await stopping
        living.cancel()


def main() -> int:
    options = _parser().parse_args()
    try:
        asyncio.run(_run(options))
    except (OSError, ValueError) as refused:
        print(f"simulator: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
