"""The web that programmes point at: pages with a picture in `og:image`, and pages with something wrong."""

from __future__ import annotations

import asyncio
import zlib
from random import Random

from tests.simulator.http import Request, Response

COUNT = 200
KINDS = ("relative", "absolute", "reversed", "none", "gone", "image-gone", "huge", "legacy", "slow")
_WEIGHTS = (40, 30, 10, 5, 5, 3, 2, 4, 1)
_HUGE = 12 << 20
_SLOW = 2.0  # seconds


class Pages:
    """Pages `/pages/0` to `/pages/199` and their images; what is wrong with one depends on the seed and its number.

    relative, absolute: how the page names its image. reversed: with the attributes the other way round. none: no image. gone, image-gone:
    404. huge: an image of 12 MiB. legacy: in Shift_JIS. slow: takes two seconds.
    """

    def __init__(self, seed: int, base: str) -> None:
        self._base = base
        self._seed = seed
        self.kinds = [Random(f"{seed}:page:{number}").choices(KINDS, _WEIGHTS)[0] for number in range(COUNT)]
        self.addresses = [f"{base}/pages/{number}" for number in range(COUNT)]

    async def answer(self, request: Request) -> Response:
        _, folder, name = request.path.split("/", 2)
        if not name.isascii() or not name.isdigit() or int(name) >= COUNT:
            return Response(404, b"not found", "text/plain")
        if self.kinds[int(name)] == "slow":
            await asyncio.sleep(_SLOW)
        return self._image(int(name)) if folder == "images" else self._page(int(name))

    def image(self, number: int) -> bytes | None:
        """The picture that a good reader ends up with for a page; None where there is none to have."""
        if self.kinds[number] in {"none", "gone", "image-gone", "huge"}:
            return None
        noise = Random(f"{self._seed}:image:{number}").randbytes(2000 + number * 37)
        return b"\x89PNG\r\n\x1a\n" + zlib.crc32(noise).to_bytes(4) + noise

    def _page(self, number: int) -> Response:
        kind = self.kinds[number]
        if kind == "gone":
            return Response(404, b"gone", "text/plain")
        encoding = "shift_jis" if kind == "legacy" else "utf-8"
        head = f'<meta charset="{encoding}"><title>番組{number}</title>{self._tag(number)}'
        body = f"<!doctype html><html><head>{head}</head><body>ページ{number}</body></html>"
        return Response(body=body.encode(encoding), type="text/html" + ("" if kind == "legacy" else "; charset=utf-8"))

    def _tag(self, number: int) -> str:
        address = f"/images/{number}"
        match self.kinds[number]:
            case "none":
                return ""
            case "relative":
                return f'<meta property="og:image" content="{address}">'
            case "reversed":
                return f"<META content='{self._base}{address}?a=1&amp;b=2' property='og:image' />"
            case _:
                return f'<meta property="og:image" content="{self._base}{address}">'

    def _image(self, number: int) -> Response:
        if self.kinds[number] == "huge":
            return Response(body=b"\x89PNG\r\n\x1a\n" + bytes(_HUGE), type="image/png")
        image = self.image(number)
        return Response(body=image, type="image/png") if image else Response(404, b"gone", "text/plain")
