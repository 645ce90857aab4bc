printf '{"id": 1}\n[1]\n{\n' > samples.jsonl
streamworker add event orders.sent --from samples.jsonl
