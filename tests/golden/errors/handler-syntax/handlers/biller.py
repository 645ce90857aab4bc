from generated.workers import biller


@biller.handler
async def bill(event: object) -> None
    return None
