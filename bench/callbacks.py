"""Draw the dashboard through its callbacks, as a browser asks; print milliseconds as JSON."""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 (Django must be set up first)
from django.test import Client  # noqa: E402

from dashboard import ids  # noqa: E402
from dashboard.app import app  # noqa: E402

ADDRESSES = ("", "period=all", "period=30d", "campaign=1&period=all")
ROUNDS = 10


def body(page: str, address: str) -> str:
    """Return what Dash's script sends for the callback that draws a page."""
    store = ids.of(page, ids.FILTERS)
    output = next(key for key, entry in app.callback_map.items() if reads(entry, store))
    parts = [part.rsplit(".", 1) for part in output.strip(".").split("...")]
    return json.dumps(
        {
            "output": output,
            "outputs": [{"id": name, "property": kind} for name, kind in parts],
            "inputs": [{"id": store, "property": "data", "value": address}],
            "changedPropIds": [f"{store}.data"],
        }
    )


def reads(entry: dict, store: str) -> bool:
    return [(each["id"], each["property"]) for each in entry["inputs"]] == [(store, "data")]


def main() -> None:
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(username="administrator"))
    pages = {ids.SIGNATURES: "/dashboard/", ids.DONATIONS: "/dashboard/donations/"}
    took = []
    for _ in range(ROUNDS + 1):
        for page, path in pages.items():
            for address in ADDRESSES:
                began = time.perf_counter()
                answer = client.post(
                    f"{path}_dash-update-component",
                    body(page, address),
                    content_type="application/json",
                )
                took.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, answer.content
    json.dump(took[len(pages) * len(ADDRESSES) :], sys.stdout)  # the first round warms up


if __name__ == "__main__":
    main()
