start_server
nats stream add ORDERS --subjects 'orders.>' --defaults
nats pub orders.placed.1 '{"id": "1"}'
nats pub orders.placed.2 '{"id": "TWO", "note": 2}'
nats pub orders.placed.3 'no JSON'
streamworker compat --stored 100
