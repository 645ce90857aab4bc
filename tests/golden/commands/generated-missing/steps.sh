streamworker generate > /dev/null 2>&1
rm generated/subjects.py
streamworker generate --check
