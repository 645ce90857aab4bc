streamworker generate > /dev/null 2>&1
sed -i 's/event: Placed/event: Paid/' handlers/biller.py
streamworker check
