"""The mock pages as the providers do, serves exactly the generated people, and refuses what they refuse."""

import hashlib
import json
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness.mock import mock
from harness.places import BENCH, call

USERS = 730
SHAPES = ("okta", "slack", "gitlab", "google")
FILTER = urllib.parse.quote('status eq "DEPROVISIONED"')
SIGNED = {
    "okta": {"Authorization": "SSWS bench"},
    "slack": {"Authorization": "Bearer bench"},
    "gitlab": {"PRIVATE-TOKEN": "bench"},
    "google": {"Authorization": "Bearer bench"},
}
PATHS = {
    "okta": "/api/v1/users",
    "slack": "/api/users.list",
    "gitlab": "/api/v4/users",
    "google": "/admin/directory/v1/users",
}


class MockTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = cls.enterClassContext(tempfile.TemporaryDirectory())
        call("python3", BENCH / "gen/generate.py", "--out", cls.data, "--users", USERS)
        cls.base = cls.enterClassContext(mock(cls.data, shapes=SHAPES))

    def get(self, shape, query="", headers=None, base=None, form=None):
        """Status, headers, decoded body of one call; a call with a form is a POST."""
        headers = SIGNED[shape] if headers is None else headers
        body = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request((base or self.base) + PATHS[shape] + query, body, headers=headers)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, response.headers, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def walk_okta(self, query, base=None):
        people = []
        while query is not None:
            status, headers, page = self.get("okta", query, base=base)
            self.assertEqual(status, 200)
            people += page
            following = [link for link in headers.get_all("link") if 'rel="next"' in link]
            query = "?" + following[0].partition("?")[2].partition(">")[0] if following else None
        return people

    def assert_everyone(self, shape, ids):
        with open(f"{self.data}/{shape}/truth.json") as file:
            truth = json.load(file)
        self.assertEqual(len(ids), USERS)
        self.assertEqual(hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest(), truth["ids_sha256"])

    def test_okta_needs_two_passes(self):
        current = self.walk_okta("?limit=200")
        deactivated = self.walk_okta(f"?limit=20&filter={FILTER}")
        self.assertNotIn("DEPROVISIONED", {user["status"] for user in current})
        self.assertEqual({user["status"] for user in deactivated}, {"DEPROVISIONED"})
        self.assertGreater(len(deactivated), 20, "the filter has to survive a next link")
        self.assert_everyone("okta", [user["id"] for user in current + deactivated])

    def test_okta_caps_the_page_size(self):
        self.assertEqual(len(self.get("okta", "?limit=10000")[2]), 200)
        self.assertEqual(len(self.get("okta", "?limit=3")[2]), 3)

    def test_okta_refuses_what_it_does_not_know(self):
        for query in ("?filter=status+eq+%22GONE%22", "?search=x", "?after=1", "?after=cffffz", "?limit=0", "?limit=x"):
            self.assertEqual(self.get("okta", query)[0], 400, query)

    def test_slack_pages_by_cursor(self):
        ids, cursor = [], ""
        while True:
            page = self.get("slack", f"?limit=200&cursor={cursor}")[2]
            self.assertTrue(page["ok"])
            ids += [member["id"] for member in page["members"]]
            cursor = page["response_metadata"]["next_cursor"]
            if not cursor:
                break
        self.assert_everyone("slack", ids)

    def test_slack_takes_forms(self):
        first = self.get("slack", form={"limit": "700"})[2]
        rest = self.get("slack", form={"limit": "700", "cursor": first["response_metadata"]["next_cursor"]})[2]
        self.assert_everyone("slack", [member["id"] for member in first["members"] + rest["members"]])
        self.assertEqual(self.get("okta", form={"limit": "1"})[0], 405)

    def test_gitlab_pages_by_keyset(self):
        ids, query = [], "?pagination=keyset&order_by=id&sort=asc&per_page=100"
        while query:
            _, headers, users = self.get("gitlab", query)
            self.assertNotIn("x-next-page", headers)
            ids += [str(user["id"]) for user in users]
            query = headers["link"] and "?" + headers["link"].partition("?")[2].partition(">")[0]
        self.assert_everyone("gitlab", ids)

    def test_gitlab_pages_by_number(self):
        ids, page = [], "1"
        while page:
            _, headers, users = self.get("gitlab", f"?per_page=100&page={page}")
            self.assertEqual(headers["x-total"], str(USERS))
            ids += [str(user["id"]) for user in users]
            page = headers["x-next-page"]
        self.assert_everyone("gitlab", ids)
        self.assertEqual(self.get("gitlab", "?per_page=100&page=9")[2], [])

    def test_google_pages_by_token(self):
        ids, query = [], "?customer=my_customer&maxResults=500"
        while query:
            page = self.get("google", query)[2]
            ids += [user["id"] for user in page["users"]]
            token = page.get("nextPageToken")
            query = f"?customer=my_customer&maxResults=500&pageToken={token}" if token else None
        self.assert_everyone("google", ids)
        self.assertNotIn("users", self.get("google", "?customer=my_customer&showDeleted=true")[2])

    def test_every_shape_demands_its_credential(self):
        for shape in SHAPES:
            for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}):
                status, _, body = self.get(shape, headers=headers)
                if shape == "slack":
                    self.assertEqual(body, {"ok": False, "error": "not_authed"})
                else:
                    self.assertEqual(status, 401, f"{shape} {headers}")

    def test_rounds_serve_distinct_people(self):
        with mock(self.data, rounds=3) as base:
            people = self.walk_okta("", base) + self.walk_okta(f"?filter={FILTER}", base)
        self.assertEqual(len(people), 3 * USERS)
        for member in ("id", "login"):
            values = {user["id"] if member == "id" else user["profile"]["login"] for user in people}
            self.assertEqual(len(values), 3 * USERS, member)
        for user in people:
            self.assertTrue(user["_links"]["self"]["href"].endswith(user["id"]))


if __name__ == "__main__":
    unittest.main()
