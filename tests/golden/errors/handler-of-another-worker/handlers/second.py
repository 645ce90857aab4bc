from generated.workers import second as s


@s.handler
async def bill(event: object) -> None: ...
