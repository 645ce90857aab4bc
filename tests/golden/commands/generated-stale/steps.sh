streamworker generate > /dev/null 2>&1
sed -i 's/7d/30d/' schemas/pipeline.yaml
streamworker generate --check
