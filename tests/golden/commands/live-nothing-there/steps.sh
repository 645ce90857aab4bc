streamworker generate > /dev/null 2>&1
NATS_URL=nats://127.0.0.1:1 streamworker check --live
