streamworker generate > /dev/null 2>&1
rm handlers/biller.py
streamworker generate --check
