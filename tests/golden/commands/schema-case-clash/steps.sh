cp schemas/events/placed.json schemas/events/Placed.json
streamworker generate
