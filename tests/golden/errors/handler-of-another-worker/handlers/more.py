from generated import workers as w


@w.biller.handler
async def more(event: object) -> None: ...
