"""The check finds each way in which a list of people can be wrong, and calls no right list wrong."""

import json
import pathlib
import sys
import tempfile
import unittest

from harness.places import BENCH, VENV, call

sys.path.insert(0, str(BENCH / "peers/python"))
from unify import unify  # noqa: E402

USERS = 60


class CheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        call("python3", BENCH / "gen/generate.py", "--out", cls.data, "--users", USERS, "--shapes", "okta")
        cls.people = [
            json.loads(record)
            for path in sorted(cls.data.glob("okta/*.records"))
            for record in path.read_bytes().split(b"\x1e")[:-1]
        ]

    def setUp(self):
        # A copy of its own for each test, so that a record and its `remote_data` can be spoilt apart.
        self.records = [json.loads(json.dumps(unify(person))) for person in self.people]

    def check(self, *options, wrap=lambda record: record):
        output = self.data / "output.ndjson"
        output.write_text("".join(json.dumps(wrap(record)) + "\n" for record in self.records))
        command = [VENV / "python/bin/python", BENCH / "harness/check.py", "--data", self.data, "--output", output]
        return json.loads(call(*command, *options))

    def assert_wrong(self, **counts):
        report = self.check()
        self.assertFalse(report["same"])
        for name in ("missing", "invented", "repeated", "different"):
            self.assertEqual(report[name], counts.get(name, 0), f"{name}: {report}")
        return report

    def test_the_right_list_is_right(self):
        report = self.check()
        self.assertTrue(report["same"])
        self.assertEqual(report["records"], USERS)

    def test_writing_the_same_otherwise_is_no_difference(self):
        self.records.reverse()
        for record in self.records:
            for name in [name for name, value in record.items() if value in (None, "", [])]:
                del record[name]
            record["created_at"] = record["created_at"].replace(".000Z", "+00:00")
        self.assertTrue(self.check()["same"])

    def test_a_missing_person(self):
        self.records.pop()
        self.assert_wrong(missing=1)

    def test_a_repeated_person(self):
        self.records.append(self.records[0])
        self.assert_wrong(repeated=1)

    def test_an_invented_person(self):
        self.records.append(self.records[0] | {"id": "00uNobody"})
        self.assert_wrong(invented=1)

    def test_each_field_counts(self):
        for field in set(self.records[0]) - {"id", "remote_data"}:
            self.setUp()
            with_value = next(record for record in self.records if record[field] not in (None, "", []))
            with_value[field] = None
            self.assertEqual(self.assert_wrong(different=1)["example"]["field"], field)

    def test_one_is_not_true(self):
        self.records[0]["emails"][0]["is_primary"] = 1
        self.assert_wrong(different=1)

    def test_another_instant_is_a_difference(self):
        self.records[0]["created_at"] = self.records[0]["created_at"].replace("Z", "+01:00")
        self.assert_wrong(different=1)

    def test_remote_data_is_the_record_as_it_came(self):
        self.records[0]["remote_data"]["profile"]["state"] = None
        self.assert_wrong(different=1)

    def test_records_inside_other_messages(self):
        report = self.check("--record-at", "record.data", wrap=lambda record: {"record": {"data": record}})
        self.assertTrue(report["same"])
        self.assertEqual(self.check("--record-at", "elsewhere")["missing"], USERS)

    def test_ids_only_knows_the_rounds(self):
        self.assertTrue(self.check("--ids-only", "--rounds", "1")["same"])
        self.assertEqual(self.check("--ids-only", "--rounds", "2")["missing"], USERS)


if __name__ == "__main__":
    unittest.main()
