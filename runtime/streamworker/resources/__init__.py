"""What a pipeline file names beside subjects and workers, and `Resources`, which opens it for handlers."""

from streamworker.resources.buckets import Entry, OpenBucket
from streamworker.resources.declarations import Bucket, Delivery, Http, ObjectStore, Stream
from streamworker.resources.keys import Token
from streamworker.resources.objects import OpenObjectStore
from streamworker.resources.opening import Resources
from streamworker.resources.publisher import Publisher

__all__ = [
    "Bucket",
    "Delivery",
    "Entry",
    "Http",
    "ObjectStore",
    "OpenBucket",
    "OpenObjectStore",
    "Publisher",
    "Resources",
    "Stream",
    "Token",
]
