"""Messages that are too large as they are travel packed, and come back as they were."""

from __future__ import annotations

import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker.packing import PACKED_HEADER, fits, pack, unpack

headers = st.dictionaries(st.text("abcN-", min_size=1, max_size=8), st.text(max_size=50), max_size=5)


@given(headers, st.binary(max_size=300), st.integers(0, 2_000))
def test_what_is_packed_comes_back_as_it_was(given_headers: dict[str, str], data: bytes, limit: int) -> None:
    assert unpack(*pack(given_headers, data, max_payload=limit)) == (given_headers, data)


def test_what_fits_is_sent_as_it_is() -> None:
    assert pack({"a": "b"}, b"data", max_payload=1_000) == ({"a": "b"}, b"data")


@pytest.mark.parametrize(
    ("large", "data"), [({"a": "b" * 65_000}, b"data"), ({"a": "\u00e9" * 40_000}, b""), ({}, b"abc" * 400_000)]
)
def test_large_headers_and_data_fit_after_all(large: dict[str, str], data: bytes) -> None:
    packed, body = pack(large, data, max_payload=1_000_000)
    assert sum(len(name) + len(value) for name, value in packed.items()) < 100
    assert fits(packed, body, max_payload=1_000_000)
    assert unpack(packed, body) == (large, data)


def test_what_can_not_be_compressed_may_still_be_too_large() -> None:
    data = os.urandom(10_000)
    assert not fits(*pack({}, data, max_payload=10_000), max_payload=10_000)


@pytest.mark.parametrize(
    ("at", "body"),
    [
        ("x", zlib.compress(b"{}")),
        ("2", b"{}"),
        ("2", zlib.compress(b"{}")[:-3]),
        ("2", zlib.compress(b"[]")),
        ("9", zlib.compress(b'{"a": 1}')),
        ("2", zlib.compress(bytes(200 * 1024 * 1024))),
    ],
    ids=["no number", "not compressed", "cut off", "no headers", "no texts", "a bomb"],
)
def test_what_nobody_packed_is_no_message(at: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"unpacked|headers|invalid literal|Expecting"):
        unpack({PACKED_HEADER: at}, body)
