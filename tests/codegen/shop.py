"""A small project of every shape of worker, as the graph that the compiler's front hands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from streamworker_codegen.documents import Place
from streamworker_codegen.graph import (
    Bucket,
    Emit,
    Event,
    Graph,
    Http,
    SseIngest,
    Stream,
    Subject,
    TimerIngest,
    Worker,
)
from streamworker_codegen.registry import Registry

from tests.codegen.projects import NOWHERE, registry_of

PROJECT = Path(__file__).parent.parent / "golden" / "render"


@dataclass(frozen=True)
class Handler:
    module: str
    name: str


@dataclass(frozen=True)
class Shop:
    graph: Graph
    registry: Registry
    bindings: Mapping[str, Handler]


def shop() -> Shop:
    registry = registry_of(PROJECT)
    placed, paid, shipped, tick = (
        _event(registry, name, file)
        for name, file in (
            ("OrderPlaced", "orders/placed"),
            ("OrderPaid", "orders/paid"),
            ("ParcelShipped", "parcels/shipped"),
            ("Tick", "tick"),
        )
    )
    stock = Event("Stock", Place(registry.documents["events/stock.schema.json"], "/$defs/Stock"))
    orders = _subject("orders.placed.{orderId}", ("orderId",), placed, "ORDERS_PLACED")
    payments = _subject("orders.paid.{orderId}", ("orderId",), paid, "ORDERS_PAID")
    parcels = Subject(
        "parcels.shipped.{customer.id}", "parcels.shipped.*", ("customer.id",), shipped, "PARCELS", "SHOP", NOWHERE, "pass", "external"
    )  # fmt: skip
    ticks = _subject("ticks", (), tick, "TICKS")
    workers = (
        _worker("biller", (orders,), (payments,), "one", {"order_by": "orderId", "partitions": 4}),
        _worker("class", (payments,), (parcels,), "maybe"),
        _worker("fan-out", (orders,), (payments, parcels), "many", {"timeout": 2.5, "retry": {"attempts": 3}}),
        _worker("audit", (orders, payments, ticks), (), "none", {"concurrency": 1, "start": "new"}),
        _worker("packer", (payments,), (parcels,), "maybe", {"batch": {"max": 20, "wait": 0.5}}),
    )
    graph = Graph(
        pipeline="shop",
        outage=60.0,
        streams=(Stream("SHOP", ("orders.>", "parcels.>"), {"max_age": 3600.0, "discard": "new"}, NOWHERE),),
        dead_letters=Stream("SHOP_DEAD_LETTERS", ("dead-letters.shop.>",), {}, NOWHERE),
        subjects=(orders, payments, parcels, ticks),
        workers=workers,
        ingests=(
            SseIngest(
                "web-shop",
                "${SHOP_URL}/events",
                {"order": orders},
                {"id": "{orderId}", "add": {}, "headers": {"x": "1"}},
                NOWHERE,
            ),
            TimerIngest("heartbeat", 600.0, ticks, NOWHERE),
        ),
        buckets=(
            Bucket("stock", "{sku}", stock, {"ttl": 60.0}, NOWHERE),
            Bucket("pictures", "", None, {}, NOWHERE),
        ),
        http=(Http("shop-api", "${SHOP_URL}", 5.0, NOWHERE),),
        events=(paid, placed, shipped, tick),
        values=(stock,),
    )
    return Shop(graph, registry, {"biller": Handler("billing.invoices", "bill")})


def _event(registry: Registry, name: str, file: str) -> Event:
    return Event(name, Place(registry.documents[f"events/{file}.schema.json"]))


def _subject(name: str, tokens: tuple[str, ...], event: Event, constant: str) -> Subject:
    return Subject(name, name.replace("{orderId}", "*"), tokens, event, constant, "SHOP", NOWHERE)


def _worker(
    name: str,
    source: tuple[Subject, ...],
    sink: tuple[Subject, ...],
    emit: Emit,
    options: Mapping[str, object] | None = None,
) -> Worker:
    return Worker(name, source, sink, emit, options or {}, NOWHERE)
