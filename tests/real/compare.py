"""Compares unified records with the truth of a product, person by person and field by field.

Both sides are brought to one form per field and must then be equal. `None` means that nothing is said."""

import datetime
import re


class BadRules(Exception):
    """The rules of a product do not fit its truth: that is a mistake of ours, not a difference."""


def told(person: dict, rule: dict) -> object:
    """What the truth says of a field."""
    value = person[rule["truth"]]
    match rule.get("as", "text"):
        case "text":
            return text(value)
        case "uuid":
            return text(value).replace("-", "")
        case "time":
            return time(value)
        case "map":
            return rule["map"][word(value)]
        case "email":
            return text(value)
        case "names":
            if value is None:
                return None
            added = [name for more in rule.get("add", []) if matches(person, more["whom"]) for name in more["names"]]
            names = sorted([*value, *added])
            return names if names or "none_is_absent" not in rule else None
        case other:
            raise BadRules(f"there is no comparison `{other}`")


def given(record: dict, field: str, rule: dict) -> object:
    """What a unified record says of it."""
    value: object = record
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    match rule.get("as", "text"):
        case "uuid":
            return value and value.replace("-", "")
        case "time":
            return time(value)
        case "email":
            return email(value)
        case "names":
            return None if value is None else sorted(item["name"] for item in value)
        case _:
            return value


def email(items: list[dict] | None) -> object:
    """The only address or the primary one; all of them when it cannot be told which it is, which then differs from any address."""
    if not items:
        return None
    primary = [item["email"] for item in items if item.get("is_primary")]
    chosen = primary or [item["email"] for item in items]
    return chosen[0] if len(chosen) == 1 else chosen


def text(value: object) -> str | None:
    """Trimmed; an empty text says nothing."""
    return None if value is None else str(value).strip() or None


def word(value: object) -> str:
    """A value as the key of a map: `true`, `3`, `editor,author`."""
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def time(value: object) -> int | None:
    """Seconds since 1970; the fractions are not everywhere kept. Without a zone it is UTC."""
    if value is None:
        return None
    if isinstance(value, (int, float)):
        return int(value)
    if re.fullmatch(r"\d{14}", value):
        moment = datetime.datetime.strptime(value, "%Y%m%d%H%M%S")
    else:
        moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp() // 1)


def matches(person: dict, wanted: dict) -> bool:
    """Whether a person of the truth is meant; a list means one of."""
    return all(person[name] in value if isinstance(value, list) else person[name] == value for name, value in wanted.items())


class People:
    """The truth of one product under its rules."""

    def __init__(self, truth: list[dict], rules: dict):
        self.rules = rules
        self.key = rules["key"]
        self.fields = rules["fields"]
        self.exceptions = rules.get("exceptions", [])
        self.builtin = set(rules.get("builtin", {}).get("people", []))
        self.truth = [person for person in truth if matches(person, rules.get("whom", {}))]
        self.used: set[int] = set()
        self.ids: dict[object, str] = {}
        self.check()

    def check(self) -> None:
        """Nothing that the truth knows may be left out in silence."""
        if not self.truth:
            raise BadRules("the truth has nobody")
        compared = {rule["truth"] for rule in self.fields.values()}
        unexplained = set().union(*self.truth) - compared - set(self.rules.get("not_given", {})) - set(self.rules.get("not_needed", {}))
        if unexplained:
            raise BadRules(f"nothing is said about {', '.join(sorted(unexplained))} of the truth")

    def name(self, person: dict) -> object:
        """What tells a person from all others, on the side of the truth."""
        return told(person, self.fields[self.key])

    def of(self, record: dict) -> object:
        """The same on the side of the record."""
        return given(record, self.key, self.fields[self.key])

    def compare(self, records: list[dict]) -> list[str]:
        """All differences of a whole list."""
        differences = []
        found: dict[object, dict] = {}
        ids = set()
        for record in records:
            name = self.of(record)
            if name in found or record.get("id") in ids:
                differences.append(f"{name} is listed twice")
            found[name] = record
            ids.add(record.get("id"))
            self.ids[name] = record.get("id")
        for person in self.truth:
            name = self.name(person)
            record = found.pop(name, None)
            if record is None:
                differences.append(f"{name} is missing")
            else:
                differences += self.person(person, record)
        for name in sorted(self.builtin - set(found)):
            differences.append(f"{name}, whom the product has from the start, is missing")
        for name in found:
            if name not in self.builtin:
                differences.append(f"{name} is listed and not in the truth")
        for field, why in self.claims(records):
            differences.append(f"`{field}` is given after all (the rules say: {why})")
        return differences

    def claims(self, records: list[dict]) -> list[tuple[str, str]]:
        """Fields that the product is said not to give, and that were given."""
        return [(rule["field"], rule["why"]) for rule in self.rules.get("not_given", {}).values() if any(rule["field"] in record for record in records)]

    def person(self, person: dict, record: dict, without: dict | None = None) -> list[str]:
        """The differences of one person; fields in `without` must not be there."""
        differences = []
        for field, rule in self.fields.items():
            if field in (without or {}):
                if field in record:
                    differences.append(f"{self.name(person)}: `{field}` is given after all (the rules say: {without[field]})")
                continue
            wanted, got = told(person, rule), given(record, field, rule)
            for number, exception in enumerate(self.exceptions):
                if exception["field"] == field and matches(person, exception["whom"]):
                    self.used.add(number)
                    wanted = exception["given"]
            if wanted != got:
                differences.append(f"{self.name(person)}: `{field}` is {got!r}, not {wanted!r}")
        return differences

    def unused(self) -> list[str]:
        """Exceptions that concern nobody must go."""
        return [f"the exception for `{e['field']}` of {e['whom']} concerns nobody" for n, e in enumerate(self.exceptions) if n not in self.used]

    def some(self) -> list[dict]:
        """A few to be read alone: the ends, and the first of each kind that may differ."""
        chosen = [self.truth[0], self.truth[-1]]
        chosen += [next((p for p in self.truth if told(p, rule) == value), None) for rule in self.fields.values() if rule.get("as") == "map" for value in rule["map"].values()]
        chosen.append(next((p for p in self.truth if not str(self.name(p)).isascii() or "%" in str(self.name(p))), None))
        return [person for number, person in enumerate(chosen) if person is not None and person not in chosen[:number]]

    def whom(self, wanted: dict) -> set:
        return {self.name(person) for person in self.truth if matches(person, wanted)}

    def all_names(self, key: str) -> set[str]:
        """All groups or roles that somebody has."""
        return {name for person in self.truth for name in person[key] or []}
