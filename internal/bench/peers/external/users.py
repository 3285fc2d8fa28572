"""Writes all users of an Openlayer pipeline as what hashicorp/external takes: a map of strings."""

import itertools
import json
import os
import sys
import urllib.request

pipeline = json.load(sys.stdin)["inference_pipeline_id"]
users = []
for page in itertools.count(1):
    request = urllib.request.Request(
        f"{os.environ['OPENLAYER_BASE_URL']}/inference-pipelines/{pipeline}/users?perPage=100&page={page}",
        method="POST",
        headers={"Authorization": f"Bearer {os.environ['OPENLAYER_API_KEY']}"},
    )
    with urllib.request.urlopen(request) as answer:
        items = json.load(answer)["items"]
    if not items:
        break
    users += items
json.dump({"users": json.dumps(users)}, sys.stdout)
