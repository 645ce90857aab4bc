streamworker generate > /dev/null 2>&1
streamworker check
