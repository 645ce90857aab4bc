streamworker generate > /dev/null 2>&1
printf '[mypy]\npython_version = 2.7\nplugins = nowhere.py\n' > mypy.ini
streamworker check
