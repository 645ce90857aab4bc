"""Addresses in programme texts, and pictures in pages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generated.subjects import OGP_PAGE_DISCOVERED
from handlers.domain.pages import addresses, pages_named_in, picture
from tests.reference.events import program_changed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("くわしくはhttps://example.invalid/a?b=1まで", ["https://example.invalid/a?b=1"]),
        ("https://example.invalid/あ?b=1　続き", ["https://example.invalid/"]),
        ("(http://example.invalid/a).", ["http://example.invalid/a"]),
        ("http://a.invalid/1\nhttp://b.invalid:8080/2#c", ["http://a.invalid/1", "http://b.invalid:8080/2#c"]),
        ("https://twitter.com/x https://www.youtube.com/y https://x.com", []),
        ("https:// http://: http://%zz ftp://a.invalid/ http://a.invalid:99999/", []),
        ("https://a.invalid/%E3%81%82", ["https://a.invalid/%E3%81%82"]),
        ("https://a.invalid/" + "a" * 2048, []),
    ],
)
def test_addresses_end_where_they_end(text: str, found: list[str]) -> None:
    assert addresses({"番組内容": text}) == found


@given(st.text(alphabet=st.sampled_from("htps:/ab.あ%2[]#?@&'\"<>\\^`{|}~!$()*+,;=_-0９ \n"), max_size=40))
def test_every_address_is_one_that_the_contract_takes(text: str) -> None:
    for page in pages_named_in([program_changed(extended={"a": f"https://a.invalid{text} http://{text}"})]):
        assert json.loads(OGP_PAGE_DISCOVERED.encode(page))["url"] == page.url


def test_a_page_is_named_once_for_the_first_programme_that_names_it() -> None:
    text = "https://a.invalid/1 https://a.invalid/2 https://a.invalid/1"
    pages = pages_named_in([program_changed(extended={"a": text}), program_changed(extended={"b": text})])
    assert [page.url for page in pages] == ["https://a.invalid/1", "https://a.invalid/2"]
    assert len({page.url_hash for page in pages}) == 2


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('<meta property="og:image" content="/i/1.png">', "https://a.invalid/i/1.png"),
        ("<META content='https://b.invalid/2?a=1&amp;b=2' property='og:image'/>", "https://b.invalid/2?a=1&b=2"),
        ('<meta property="og:image" content="">', None),
        ('<meta property="og:image">', None),
        ('<meta property="og:title" content="x">', None),
        ('<meta property="og:image" content="data:image/png;base64,AAAA">', None),
        ('<meta property="og:image" content="http://[">', None),
        ("<meta property=og:image content=a.png><meta property=og:image content=b.png>", "https://a.invalid/p/a.png"),
    ],
)
def test_the_picture_of_a_page_is_the_one_that_it_names(tag: str, address: str | None) -> None:
    assert picture(f"<html><head>{tag}</head><p>x", "https://a.invalid/p/") == address


@given(st.text(max_size=200))
def test_no_page_is_too_broken_to_be_read(html: str) -> None:
    picture(html, "https://a.invalid/")
