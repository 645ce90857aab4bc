streamworker generate > /dev/null 2>&1
start_server
streamworker provision > /dev/null
nats pub orders.paid.1 '{"id": "1"}'
nats pub orders.placed.1 '{"id": "1"}'
streamworker run --until-idle > /dev/null 2>&1
sed -i 's/source: .*/source: orders.*.*}/' schemas/pipeline.yaml
sed -i 's/, Placed/, Placed as _Placed/; s/event: Placed/event: Paid | _Placed/; s/Paid | None/None/; s/return.*/return None/' handlers/biller.py
streamworker generate > /dev/null 2>&1
streamworker check --live
