streamworker generate > /dev/null 2>&1
sed -i 's/"tool": "/"tool": "older-/' generated/manifest.json
streamworker generate --check
streamworker generate
