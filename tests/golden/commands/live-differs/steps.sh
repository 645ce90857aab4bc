streamworker generate > /dev/null 2>&1
start_server
streamworker provision > /dev/null
sed -i 's/7d/30d/' schemas/pipeline.yaml
streamworker generate > /dev/null 2>&1
streamworker check --live
