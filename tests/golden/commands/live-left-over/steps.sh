streamworker generate > /dev/null 2>&1
start_server
streamworker run --until-idle > /dev/null 2>&1
nats pub orders.placed.1 '{"id": "1"}'
sed -i '/^workers/,$d' schemas/pipeline.yaml
rm handlers/biller.py
streamworker generate > /dev/null 2>&1
streamworker check --live
