streamworker generate > /dev/null 2>&1
sed -i '/paid/d; s/, sink.*/}/' schemas/pipeline.yaml
rm schemas/events/paid.json
sed -i 's/Paid, //; s/Paid | None/None/; s/return.*/return None/' handlers/biller.py
sed -i '/^  biller/d' schemas/pipeline.yaml
echo '  biller: {source: orders.placed.*}' >> schemas/pipeline.yaml
streamworker generate --check
