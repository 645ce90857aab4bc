: > samples.jsonl
streamworker add event orders.sent --from samples.jsonl
