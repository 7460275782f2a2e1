"""The usual hand-written Python: requests and json.  usage: requests_json.py BASE_URL > users.ndjson"""

import json
import sys

import requests
from unify import unify

PASSES = ({"limit": "200"}, {"limit": "200", "filter": 'status eq "DEPROVISIONED"'})

session = requests.Session()
session.headers["Authorization"] = "SSWS bench"
for query in PASSES:
    url = sys.argv[1] + "/api/v1/users"
    while url:
        response = session.get(url, params=query)
        response.raise_for_status()
        for user in response.json():
            sys.stdout.write(json.dumps(unify(user), ensure_ascii=False) + "\n")
        # The next link brings its whole query along.
        url, query = response.links.get("next", {}).get("url"), None
