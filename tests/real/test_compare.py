#!/usr/bin/env python3
"""Shows that the comparison sees each kind of difference: `python3 -m unittest discover tests/real`."""

import copy
import unittest

from command import Answer, records
from compare import BadRules, People, time

TRUTH = [
    {"id": 1, "login": "ada", "mail": "ada@example.com", "active": True, "groups": ["a", "b"], "since": "2024-05-01 10:00:00.250000", "note": "x"},
    {"id": 2, "login": "bea", "mail": None, "active": False, "groups": [], "since": "20240502100000", "note": "y"},
]
RULES = {
    "key": "id",
    "fields": {
        "id": {"truth": "id"},
        "username": {"truth": "login"},
        "emails": {"truth": "mail", "as": "email"},
        "status": {"truth": "active", "as": "map", "map": {"true": "active", "false": "inactive"}},
        "groups": {"truth": "groups", "as": "names"},
        "created_at": {"truth": "since", "as": "time"},
    },
    "not_given": {"note": {"field": "bio", "why": "the API has none"}},
}
LISTED = [
    {"id": "1", "username": "ada", "emails": [{"email": "home@example.com"}, {"email": "ada@example.com", "is_primary": True}], "status": "active",
     "groups": [{"id": "7", "name": "b"}, {"id": "6", "name": "a"}], "created_at": "2024-05-01T10:00:00.25Z"},
    {"id": "2", "username": "bea", "status": "inactive", "groups": [], "created_at": "2024-05-02T12:00:00+02:00"},
]


def differences(change=None, rules=None) -> list[str]:
    listed = copy.deepcopy(LISTED)
    if change:
        change(listed)
    return People(TRUTH, {**RULES, **(rules or {})}).compare(listed)


class Compare(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(differences(), [])

    def test_a_missing_person(self):
        self.assertEqual(differences(lambda listed: listed.pop()), ["2 is missing"])

    def test_an_invented_person(self):
        self.assertEqual(differences(lambda listed: listed.append({"id": "3"})), ["3 is listed and not in the truth"])

    def test_a_doubled_person(self):
        self.assertIn("1 is listed twice", differences(lambda listed: listed.append(listed[0])))

    def test_each_field(self):
        for field, wrong in {"username": "eve", "emails": [{"email": "eve@example.com"}], "status": "inactive", "groups": [{"name": "a"}], "created_at": "2024-05-01T10:00:01Z"}.items():
            with self.subTest(field):
                found = differences(lambda listed: listed[0].update({field: wrong}))
                self.assertEqual(len(found), 1)
                self.assertIn(f"1: `{field}` is", found[0])

    def test_unknown_is_not_none(self):
        self.assertEqual(differences(lambda listed: listed[1].pop("groups")), ["2: `groups` is None, not []"])

    def test_a_field_that_should_not_be_known(self):
        self.assertEqual(differences(lambda listed: listed[0].update(bio="x")), ["`bio` is given after all (the rules say: the API has none)"])

    def test_two_addresses_of_equal_rank(self):
        found = differences(lambda listed: listed[0].update(emails=[{"email": "ada@example.com"}, {"email": "b@example.com"}]))
        self.assertEqual(len(found), 1)

    def test_builtin_people_must_be_there(self):
        self.assertEqual(differences(rules={"builtin": {"people": ["9"]}}), ["9, whom the product has from the start, is missing"])

    def test_an_exception_changes_what_is_right(self):
        rules = {"exceptions": [{"field": "username", "whom": {"id": 2}, "given": "eve", "why": "test"}]}
        self.assertEqual(differences(rules=rules), ["2: `username` is 'bea', not 'eve'"])

    def test_an_exception_for_nobody(self):
        people = People(TRUTH, {**RULES, "exceptions": [{"field": "username", "whom": {"id": 5}, "given": "eve", "why": "test"}]})
        people.compare(LISTED)
        self.assertEqual(len(people.unused()), 1)

    def test_columns_without_a_word(self):
        with self.assertRaisesRegex(BadRules, "note"):
            People(TRUTH, {**RULES, "not_given": {}})

    def test_a_truth_with_nobody(self):
        with self.assertRaises(BadRules):
            People([], RULES)

    def test_times(self):
        self.assertEqual(len({time("2024-05-01T10:00:00.9Z"), time("2024-05-01 10:00:00"), time("20240501100000"), time(1714557600), time("2024-05-01T12:00:00+02:00")}), 1)


class Command(unittest.TestCase):
    def test_records_on_one_line_and_on_many(self):
        self.assertEqual(records('{"a": 1}\n{"a":\n 2}\n'), [{"a": 1}, {"a": 2}])

    def test_a_cut_record(self):
        with self.assertRaises(ValueError):
            records('{"a": 1}\n{"a"')

    def test_what_the_summary_says(self):
        said = "1 users from x: complete\n  not read: lookup `a` (gone): no such thing\n  values of `status` outside the model: `odd` 1×\nerror: x refused the credential (401)\n"
        answer = Answer(1, [], said)
        self.assertEqual(answer.not_read, {"lookup `a`"})
        self.assertEqual(answer.complaints, ["values of `status` outside the model: `odd` 1×"])
        self.assertEqual(answer.error, "error: x refused the credential (401)")


if __name__ == "__main__":
    unittest.main()
