streamworker generate > /dev/null 2>&1
printf '<<<<<<< HEAD\n' >> generated/manifest.json
streamworker generate
