from generated.events import Placed
from generated.workers import biller


@biller.handler
<<<<<<< HEAD
async def bill(event: Placed) -> None:
=======
async def charge(event: Placed) -> None:
>>>>>>> theirs
    return None
