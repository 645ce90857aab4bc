"""Web pages that programmes name in their texts, and the picture that a page says it is best shown by."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from generated.events import EpgProgramChanged, OgpPageDiscovered

_CHARACTER: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})"
# RFC 3986 for the web. Japanese text follows an address without a space: the address ends where the grammar does.
_ADDRESS: Final = re.compile(
    r"https?://(?:[A-Za-z0-9._~-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?"
    rf"(?:/{_CHARACTER}*)?(?:\?{_CHARACTER}*)?(?:#{_CHARACTER}*)?"
)
_LONGEST: Final = 2048
_SOCIAL: Final = ("twitter.com", "x.com", "facebook.com", "instagram.com", "youtube.com", "line.me", "tiktok.com")


def pages_named_in(programs: Iterable[EpgProgramChanged]) -> list[OgpPageDiscovered]:
    """Each page once, for the first programme that names it."""
    found: dict[str, OgpPageDiscovered] = {}
    for program in programs:
        for address in addresses(program.extended or {}):
            found.setdefault(address, _discovered(address, program))
    return list(found.values())


def addresses(texts: Mapping[str, str]) -> list[str]:
    """Addresses of pages in programme texts, without those of social networks and without what is no address."""
    found = (match.rstrip(".,;:!?)'") for text in texts.values() for match in _ADDRESS.findall(text))
    return [address for address in found if len(address) <= _LONGEST and _leads_somewhere(address)]


def picture(html: str, base: str) -> str | None:
    """The address of the picture that a page names in `og:image`, seen from `base`; None where it names none."""
    parser = _MetaParser()
    parser.feed(html)
    try:
        address = urljoin(base, parser.image) if parser.image else ""
    except ValueError:
        return None
    return address if _leads_somewhere(address) else None


def _discovered(address: str, program: EpgProgramChanged) -> OgpPageDiscovered:
    return OgpPageDiscovered(
        url=address,
        url_hash=hashlib.sha256(address.encode()).hexdigest(),
        program_id=program.program_id,
        service_id=program.service_id,
    )


def _leads_somewhere(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    social = any(host == name or host.endswith(f".{name}") for name in _SOCIAL)
    return parts.scheme in ("http", "https") and bool(host) and not social


class _MetaParser(HTMLParser):
    """Keeps the content of the first `og:image`."""

    def __init__(self) -> None:
        super().__init__()
        self.image = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "meta" and named.get("property") == "og:image" and not self.image:
            self.image = named.get("content") or ""
