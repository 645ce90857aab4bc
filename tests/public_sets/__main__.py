"""`make public-sets`: event sets that others wrote, compiled, checked and tried. Exit code 1 where something is wrong, 2 where none is there.

Nothing of them lies in this repository: PUBLIC_SETS names the folder with the clones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.public_sets.checkout import NotThere, files_of
from tests.public_sets.report import details, table
from tests.public_sets.sets import SETS, PublicSet
from tests.public_sets.trial import Outcome, tried

CACHE: Final = Path(".streamworker/public-sets")


def main() -> int:
    folder = os.environ.get("PUBLIC_SETS", "")
    outcomes = list(_tried(Path(folder))) if folder else []
    if not outcomes:
        print(_how_to_fetch())
        return 2
    print(*table(outcomes), *details(outcomes), sep="\n")
    return int(any(each.wrong for each in outcomes))


def _tried(folder: Path) -> Iterator[Outcome]:
    for at, public in enumerate(SETS):
        try:
            files = files_of(folder / public.name, public.commit, public.folders)
        except NotThere as error:
            print(f"left out: {error}")
        else:
            print(f"{public.name} at {public.commit[:10]}", flush=True)
            yield tried(public, files, CACHE.resolve() / f"set{at}")


def _how_to_fetch() -> str:
    lines = ["Fetch the sets into a folder of your choice, any of them (a bare clone will do), and name it:", ""]
    return "\n".join([*lines, *map(_clone, SETS), "", "  make public-sets PUBLIC_SETS=FOLDER"])


def _clone(public: PublicSet) -> str:
    return f"  git clone https://github.com/{public.repository} FOLDER/{public.name}   # has to hold {public.commit}"


if __name__ == "__main__":
    sys.exit(main())
