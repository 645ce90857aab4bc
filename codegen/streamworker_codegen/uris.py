"""URI references, for any scheme."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit

FOLDER = "streamworker:///"
_STAND_IN = "https"
_RESERVED = "!#$%&'()*+,/:;=?@[]~"


def address_of(path: str) -> str:
    """The URI of a file below `schemas/`."""
    return FOLDER + quote(path)


@lru_cache(maxsize=1 << 16)  # each reference is followed by several phases
def join(base: str, reference: str) -> str:
    """`reference` against `base`, as RFC 3986 has it. (urljoin knows the relative references of a few schemes only.)"""
    reference = escaped(reference)
    if urlsplit(reference).scheme:
        return reference
    scheme, colon, rest = base.partition(":")
    if not colon or not rest.startswith("/"):
        return base.partition("#")[0] + reference if reference.startswith("#") or not reference else reference
    return scheme + urljoin(_STAND_IN + colon + rest, reference).removeprefix(_STAND_IN)


def escaped(text: str) -> str:
    """With blanks and other characters that no URI has escaped."""
    return quote(text, safe=_RESERVED)


def split(uri: str) -> tuple[str, str]:
    """A URI without its fragment, and the fragment decoded."""
    address, _, fragment = uri.partition("#")
    return address, unquote(fragment)
