from generated.events import Paid, Placed
from generated.workers import biller


@biller.handler
async def bill(event: Placed) -> Paid | None:
    return Paid(id=event.id)
