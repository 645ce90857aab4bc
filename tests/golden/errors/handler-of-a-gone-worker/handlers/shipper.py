from generated.workers import shipper


@shipper.handler
async def ship(event: object) -> None: ...
