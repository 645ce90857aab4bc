"""ogp-collector, called as what it is: each page of a batch has its own outcome."""

from __future__ import annotations

from streamworker import Item

from generated.events import OgpPageDiscovered
from handlers.domain.errors import PageUnavailable, PageUnusable
from handlers.ogp_collector import OgpCollector
from tests.reference.events import page
from tests.reference.fakes import FakePictures, FakeWeb

GOOD, BARE, GONE, LATE, LOST = (f"https://a.invalid/{name}" for name in ("good", "bare", "gone", "late", "lost"))


async def test_pictures_are_kept_and_every_other_page_fails_by_itself() -> None:
    web = FakeWeb(
        pages={
            GOOD: '<meta property="og:image" content="/1.png">',
            BARE: "<p>no picture",
            GONE: PageUnusable("404"),
            LATE: PageUnavailable("ReadTimeout"),
            LOST: '<meta property="og:image" content="/2.png">',
        },
        pictures={"https://a.invalid/1.png": b"png", "https://a.invalid/2.png": PageUnusable("404")},
    )
    pictures = FakePictures()
    items: list[Item[OgpPageDiscovered, None]] = [Item(page(url, url[-4:].encode().hex() * 8)) for url in web.pages]
    await OgpCollector(web, pictures).handle(items)
    assert pictures.kept == {b"good".hex() * 8: b"png"}
    assert [type(item.outcome) for item in items] == [tuple, PageUnusable, PageUnusable, PageUnavailable, PageUnusable]


async def test_a_picture_that_is_kept_is_not_fetched_again() -> None:
    web, pictures = FakeWeb(), FakePictures({"a" * 64: b"png"})
    item: Item[OgpPageDiscovered, None] = Item(page(GOOD))
    await OgpCollector(web, pictures).handle([item])
    assert (item.outcome, web.fetched) == ((None,), [])
