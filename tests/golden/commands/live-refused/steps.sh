streamworker generate > /dev/null 2>&1
start_server
nats stream add ORDERS --subjects 'orders.>' --defaults
nats stream add OTHERS --subjects 'dead-letters.shop.*' --defaults
streamworker check --live
