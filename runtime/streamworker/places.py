"""What people are told of an error of somebody's own: where it was raised (code alone, no values, since those may be secret), and its text."""

from __future__ import annotations

import os
from pathlib import Path
from traceback import walk_tb

_OURS = str(Path(__file__).parent)
_PYTHONS = str(Path(os.__file__).parent)


def place_of(error: BaseException) -> str:
    """`handlers/biller.py:12 in bill`: the innermost frame that is no library's. Empty where there is none."""
    found = ""
    for frame, line in walk_tb(error.__traceback__):
        code = frame.f_code
        if not _is_a_librarys(code.co_filename):
            found = f"{'/'.join(Path(code.co_filename).parts[-2:])}:{line} in {code.co_name}"
    return found


def text_of(error: BaseException) -> str:
    """What it says. Its `__str__` may be the user's code, and fail itself."""
    try:
        return str(error)
    except Exception as raised:  # noqa: BLE001 - whatever it is, the error still has to end somewhere
        return f"(no text: its __str__ raised {type(raised).__qualname__})"


def _is_a_librarys(file: str) -> bool:
    return file.startswith((_OURS, _PYTHONS, "<")) or "site-packages" in file
