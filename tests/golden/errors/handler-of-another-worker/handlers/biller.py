from generated.workers import second


@second.handler
async def bill(event: object) -> None: ...
