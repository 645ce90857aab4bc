git init --quiet .
streamworker compat --against origin/main
