"""One connector against one running product."""

import re
from dataclasses import dataclass, field

from command import Account, Rollcall
from compare import BadRules, People

SHOWN = 12
"""Differences that are printed of each check."""


@dataclass
class Outcome:
    """What was compared, resource by resource, and what differs."""

    people: int = 0
    notes: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def differ(self, check: str, found: list[str]) -> None:
        self.differences += [f"{check}: {text}" for text in found[:SHOWN]]
        if len(found) > SHOWN:
            self.differences.append(f"{check}: … and {len(found) - SHOWN} more")


def fill(value: object, ready: dict) -> object:
    """Puts what the product says of itself into `{a.b}` of a text."""

    def take(name: re.Match) -> str:
        at: object = ready
        for part in name[1].split("."):
            if not isinstance(at, dict) or part not in at:
                raise BadRules(f"the product does not say `{name[1]}` of itself")
            at = at[part]
        return str(at)

    return re.sub(r"\{([a-z_.]+)\}", take, value) if isinstance(value, str) else value


def account(rules: dict, ready: dict) -> Account:
    header = ready.get("auth", {}).get("header", "")
    ready = {**ready, "token": header.rsplit(" ", 1)[-1], "origin": "/".join(ready["base_url"].split("/")[:3])}
    texts = {name: {key: fill(value, ready) for key, value in rules.get(name, {}).items()} for name in ("settings", "secrets")}
    return Account(rules["connector"], texts["settings"], texts["secrets"], fill(rules.get("base_url"), ready), rules.get("auth"))


def check(rollcall: Rollcall, rules: dict, ready: dict, truth: object) -> Outcome:
    outcome = Outcome()
    who = account(rules, ready)
    if "fault" in rules:
        refused_cleanly(rollcall, who, rules["fault"], outcome)
        return outcome
    people = People(truth[rules["truth"]] if "truth" in rules else truth, rules["people"])
    whole_list(rollcall, who, rules, people, outcome)
    refusal(rollcall, who, rules["refused"], outcome)
    filters(rollcall, who, rules["filters"], people, outcome)
    alone(rollcall, who, rules["get"], people, outcome)
    for wanted in rules.get("lists", []):
        names(rollcall, who, wanted, people, outcome)
    outcome.differ("rules", people.unused())
    return outcome


def whole_list(rollcall: Rollcall, who: Account, rules: dict, people: People, outcome: Outcome) -> None:
    answer = rollcall.all(who, "users")
    expected = 3 if "partial" in rules else 0
    if answer.code != expected:
        outcome.differ("list", [f"ended with {answer.code}, not {expected}: {answer.said.strip()}"])
    outcome.differ("list", people.compare(answer.records))
    declared = set(rules.get("not_read", {}))
    outcome.differ("list", [f"{what} was not read" for what in sorted(answer.not_read - declared)])
    outcome.differ("list", [f"{what} was read after all" for what in sorted(declared - answer.not_read)])
    outcome.differ("list", answer.complaints)
    outcome.people = len(answer.records)
    outcome.notes.append(f"{len(answer.records)} people")
    outcome.shown["users"] = f"{len(people.truth)} people, each by {', '.join(people.fields)}"


def refusal(rollcall: Rollcall, who: Account, rule: dict, outcome: Outcome) -> None:
    """A wrong credential must be called that, and nothing may be listed."""
    if "none" in rule:
        outcome.notes.append("no refusal")
        return
    answer = rollcall.all(who.with_secrets(rule["with"]), "users")
    said = (rule["says"],) if "says" in rule else ("refused the credential", "refused to sign in")
    found = []
    if answer.code != 1 or not any(words in answer.error for words in said):
        found.append(f"ended with {answer.code}: {answer.said.strip()}")
    if answer.records:
        found.append(f"{len(answer.records)} people were listed all the same")
    outcome.differ("refused credential", found)
    outcome.notes.append("refusal")


def filters(rollcall: Rollcall, who: Account, wanted: list[dict], people: People, outcome: Outcome) -> None:
    for rule in wanted:
        answer = rollcall.all(who, "users", (rule["filter"],))
        found = [] if answer.code == (3 if rule.get("partial") else 0) else [f"ended with {answer.code}: {answer.said.strip()}"]
        expected, got = people.whom(rule["whom"]), [people.of(record) for record in answer.records]
        got = [name for name in got if name not in people.builtin]
        if not expected:
            raise BadRules(f"the filter {rule['filter']} would find nobody")
        found += [f"{name} is missing" for name in sorted(expected - set(got))]
        found += [f"{name} does not belong there" for name in sorted(set(got) - expected)]
        if len(got) != len(set(got)):
            found.append("somebody is listed twice")
        outcome.differ(f"filter {rule['filter']}", found)
        outcome.notes.append(f"{rule['filter']}: {len(got)}")


def alone(rollcall: Rollcall, who: Account, rules: dict, people: People, outcome: Outcome) -> None:
    """Reads some people by their ids, and one who does not exist."""
    found = []
    chosen = people.some()
    if "none" in rules:
        # It cannot be read there: then another's record must not be taken for it.
        answer = rollcall.one(who, "users", people.ids[people.name(chosen[0])])
        if answer.code != 1 or answer.records or rules["says"] not in answer.error:
            found.append(f"ended with {answer.code}: {answer.said.strip()} {answer.records}")
        outcome.differ("get", found)
        outcome.notes.append("no get")
        return
    for person in chosen:
        id = people.ids.get(people.name(person))
        if id is None:
            continue  # The list has said that this person is missing.
        answer = rollcall.one(who, "users", id)
        if answer.code != 0 or len(answer.records) != 1:
            found.append(f"{people.name(person)}: ended with {answer.code}: {answer.said.strip()}")
        else:
            found += people.person(person, answer.records[0], rules.get("without"))
    answer = rollcall.one(who, "users", rules["unknown"])
    if answer.code != 1 or answer.records or rules.get("unknown_says", "has no `users` with the id") not in answer.error:
        found.append(f"an unknown id ended with {answer.code}: {answer.said.strip()} {answer.records}")
    outcome.differ("get", found)
    outcome.notes.append(f"get {len(chosen)}")


def names(rollcall: Rollcall, who: Account, rule: dict, people: People, outcome: Outcome) -> None:
    """Another resource by its names: exactly those of the truth, or at least those."""
    resource = rule["resource"]
    answer = rollcall.all(who, resource)
    found = [] if answer.code == 0 else [f"ended with {answer.code}: {answer.said.strip()}"]
    expected = (people.all_names(rule["of"]) if "of" in rule else set()) | set(rule.get("more", []))
    got = [record.get("name") for record in answer.records]
    if not expected:
        raise BadRules(f"the truth has no {resource}")
    if len(got) != len(set(got)):
        found.append("one is listed twice")
    found += [f"{name} is missing" for name in sorted(expected - set(got))]
    if rule["how"] == "equal":
        found += [f"{name} is not in the truth" for name in sorted(set(got) - expected)]
        outcome.shown[resource] = f"{len(expected)} {resource} by name"
    outcome.differ(resource, found)
    outcome.notes.append(f"{len(got)} {resource}")


def refused_cleanly(rollcall: Rollcall, who: Account, rule: dict, outcome: Outcome) -> None:
    """Where a product answers otherwise than the vendor, that must be an error and never a short list."""
    answer = rollcall.all(who, "users")
    if answer.code != 1 or rule["says"] not in answer.error or answer.records:
        outcome.differ("fault", [f"ended with {answer.code} and {len(answer.records)} people: {answer.said.strip()}"])
    outcome.notes.append(f"says so: {rule['says']}")
