from __future__ import annotations

from streamworker.handler import Handle
from streamworker.middleware import chain


class Marks:
    """Puts its mark around what a handler of texts returns."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def __call__(self, handle: Handle[str, str], /) -> Handle[str, str]:
        async def marked(event: str) -> str:
            return f"{self._mark}({await handle(event + self._mark)})"

        return marked


async def echo(event: str) -> str:
    return event


async def test_the_first_middleware_is_outermost() -> None:
    assert await chain(echo, (Marks("a"), Marks("b"), Marks("c")))("x") == "a(b(c(xabc)))"


async def test_a_handler_without_middleware_is_itself() -> None:
    assert chain(echo, ()) is echo
