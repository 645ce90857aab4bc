streamworker generate > /dev/null 2>&1
start_server
streamworker check --live
