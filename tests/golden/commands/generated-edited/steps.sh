streamworker generate > /dev/null 2>&1
echo '# mine' >> generated/workers.py
sed -i 's/sink: "orders.paid.{id}"/sink: "orders.paid.{id}", timeout: 5s/' schemas/pipeline.yaml
streamworker generate
