"""Notices to whoever shows a guide."""

from __future__ import annotations

import logging

from streamworker import Resources, StreamworkerError

from generated.events import EpgNotice
from generated.subjects import NOTICE_EPG_UPDATED

_log = logging.getLogger(__name__)


class PublishedNotices:
    """Plays `EpgNotifier`: publishes, and lets go of what can't be published."""

    def __init__(self, resources: Resources) -> None:
        self._publisher = resources.publisher(NOTICE_EPG_UPDATED)

    async def changed(self, notice: EpgNotice) -> None:
        try:
            await self._publisher.publish(notice)
        except StreamworkerError as error:
            _log.warning("nobody was told that the guide of %d has changed: %s", notice.service_id, error)
