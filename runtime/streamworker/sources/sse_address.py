"""Where a feed is, parted into what may be shown and what may not: a URL's user, password and query are credentials."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from streamworker.errors import ConfigurationError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e\x80-\U0010ffff](?:[\t\x20-\x7e\x80-\U0010ffff]*[\x21-\x7e\x80-\U0010ffff])?|")


@dataclass(frozen=True)
class Address:
    """shown: the URL without user, password and query: httpx logs the one that it is given. target: path and query as requested."""

    shown: str
    target: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def address(feed: str, url: str, headers: Mapping[str, str]) -> Address:
    """Raises ConfigurationError where `url` is not http(s), or a header can't be sent. Its text names the feed, and holds no secret."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ConfigurationError(f"the URL of the feed {feed} is not one", hint=_HINT) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigurationError(
            f"the URL of the feed {feed} does not begin with http:// or https:// and a host", hint=_HINT
        )
    shown = parsed.copy_with(username=None, password=None, query=None, fragment=None)
    return Address(str(shown), parsed.raw_path, {**_authorization(parsed), **_sendable(feed, headers)})


def _authorization(url: httpx.URL) -> Mapping[str, str]:
    if not url.userinfo:
        return {}
    credentials = f"{url.username}:{url.password}".encode()
    return {"Authorization": "Basic " + base64.b64encode(credentials).decode()}


def _sendable(feed: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise ConfigurationError(f"feed {feed}: {name!r} is not the name of an HTTP header")
        if not _VALUE.fullmatch(value):
            raise ConfigurationError(
                f"feed {feed}: the value of the header {name} can't be sent: blanks at an end, or a control character",
                hint="a secret that was read from a file often ends in a line break: strip it",
            )
    return headers


_HINT = "write it as http://host:port/path; look at the variables in it"
