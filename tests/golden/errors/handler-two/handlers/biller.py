from generated.workers import biller


@biller.handler
async def bill(event: object) -> None: ...


@biller.with_middleware().blocking
def again(event: object) -> None: ...
