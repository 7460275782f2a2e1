"""A tap of singer-sdk: its REST stream, with the hand-written mapping.  usage: tap.py BASE_URL > messages.ndjson"""

import pathlib
import sys
from urllib.parse import parse_qsl

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseHATEOASPaginator

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "python"))
from unify import unify  # noqa: E402

TEXTS = (
    "id username name first_name last_name title status timezone created_at updated_at activated_at "
    "status_changed_at last_login_at"
).split()
LISTS = ("emails", "phones", "urls")
ANYTHING = th.ObjectType(additional_properties=True)


class Pages(BaseHATEOASPaginator):
    def get_next_url(self, response):
        return response.links.get("next", {}).get("url")


class Users(RESTStream):
    name = "users"
    path = "/api/v1/users"
    primary_keys = ("id",)
    records_jsonpath = "$[*]"
    partitions = [{"filter": ""}, {"filter": 'status eq "DEPROVISIONED"'}]
    schema = th.PropertiesList(
        *(th.Property(name, th.StringType) for name in TEXTS),
        *(th.Property(name, th.ArrayType(ANYTHING)) for name in LISTS),
        th.Property("languages", th.ArrayType(th.StringType)),
        th.Property("identifiers", ANYTHING),
        th.Property("is_email_verified", th.BooleanType),
        th.Property("remote_data", ANYTHING),
    ).to_dict()

    @property
    def url_base(self):
        return self.config["base_url"]

    @property
    def http_headers(self):
        return {"Authorization": "SSWS bench"}

    def get_new_paginator(self):
        return Pages()

    def get_url_params(self, context, next_page_token):
        if next_page_token:
            return dict(parse_qsl(next_page_token.query))
        return {"limit": "200"} | ({"filter": context["filter"]} if context["filter"] else {})

    def post_process(self, row, context=None):
        return unify(row)


class OktaTap(Tap):
    name = "tap-okta"
    config_jsonschema = th.PropertiesList(th.Property("base_url", th.StringType, required=True)).to_dict()

    def discover_streams(self):
        return [Users(self)]


if __name__ == "__main__":
    OktaTap(config={"base_url": sys.argv[1]}).sync_all()
