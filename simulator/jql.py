"""The part of JQL that clients of the simulated site use: comparisons, lists, and/or/not, brackets,
relative and absolute dates, order by. Anything else is refused as Jira refuses it."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulator.site import Site
from simulator.things import Issue

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

Test = Callable[[Issue], bool]
_TOKEN = re.compile(r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[^\s(),=<>!"']+))""")
_RELATIVE = re.compile(r"-(\d+)([mhdw])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")


class BadQuery(Exception):
    """The query cannot be answered; the text is what Jira would say."""


@dataclass(frozen=True, slots=True)
class Query:
    matches: Test
    order: tuple[tuple[str, bool], ...]  # attribute, descending


def parse(site: Site, text: str) -> Query:
    """Read a query; one without any restriction is refused, as it would be unbounded."""
    head, order = _split_order(text)
    tokens = _tokens(head)
    if not tokens:
        raise BadQuery("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    test, rest = _either(site, tokens)
    if rest:
        raise BadQuery(f"Error in the JQL Query: Expecting operator but got '{rest[0]}'.")
    return Query(test, order)


def run(site: Site, query: Query, fresh: Collection[int] = ()) -> list[Issue]:
    """What the index holds; the `fresh` ids are looked at themselves, however far the index lags behind."""
    known = {issue.id: issue for issue in site.indexed() if issue.id not in fresh}
    known |= {number: site.issues[number] for number in fresh if (site.find(str(number))) is not None}
    found = sorted((issue for issue in known.values() if query.matches(issue)), key=lambda issue: issue.id)
    for name, descending in reversed(query.order):
        found.sort(key=_ORDER[name], reverse=descending)
    return found


def _split_order(text: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
    parts = re.split(r"\border\s+by\b", text, maxsplit=1, flags=re.IGNORECASE)
    if len(parts) == 1:
        return text, ()
    order = []
    for clause in parts[1].split(","):
        words = clause.split()
        if not words or words[0].lower() not in _ORDER or len(words) > 2:
            raise BadQuery(f"Error in the JQL Query: cannot order by '{clause.strip()}'.")
        order.append((words[0].lower(), len(words) == 2 and words[1].lower() == "desc"))
    return parts[0], tuple(order)


_ORDER: dict[str, Callable[[Issue], "SupportsRichComparison"]] = {
    "id": lambda issue: issue.id,
    "key": lambda issue: (issue.values.project, int(issue.key.rsplit("-", 1)[1])),
    "issuekey": lambda issue: (issue.values.project, int(issue.key.rsplit("-", 1)[1])),
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
    "project": lambda issue: issue.values.project,
}


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadQuery(f"Error in the JQL Query: unexpected character at {position}.")
        tokens.append(match.group(match.lastgroup or 0))
        position = match.end()
    return tokens


def _either(site: Site, tokens: list[str]) -> tuple[Test, list[str]]:
    test, rest = _both(site, tokens)
    while rest and rest[0].lower() == "or":
        other, rest = _both(site, rest[1:])
        test = _or(test, other)
    return test, rest


def _both(site: Site, tokens: list[str]) -> tuple[Test, list[str]]:
    test, rest = _single(site, tokens)
    while rest and rest[0].lower() == "and":
        other, rest = _single(site, rest[1:])
        test = _and(test, other)
    return test, rest


def _or(one: Test, other: Test) -> Test:
    return lambda issue: one(issue) or other(issue)


def _and(one: Test, other: Test) -> Test:
    return lambda issue: one(issue) and other(issue)


def _single(site: Site, tokens: list[str]) -> tuple[Test, list[str]]:
    if not tokens:
        raise BadQuery("Error in the JQL Query: the query ends where a restriction is expected.")
    if tokens[0].lower() == "not":
        inner, rest = _single(site, tokens[1:])
        return (lambda issue: not inner(issue)), rest
    if tokens[0] == "(":
        inner, rest = _either(site, tokens[1:])
        if not rest or rest[0] != ")":
            raise BadQuery("Error in the JQL Query: a closing bracket is missing.")
        return inner, rest[1:]
    return _clause(site, tokens)


def _clause(site: Site, tokens: list[str]) -> tuple[Test, list[str]]:
    name, rest = _plain(tokens[0]).lower(), tokens[1:]
    if name not in _READERS:
        raise BadQuery(f"Field '{_plain(tokens[0])}' does not exist or you do not have permission to view it.")
    if not rest:
        raise BadQuery(f"Error in the JQL Query: an operator is expected after '{name}'.")
    operator, rest = rest[0].lower(), rest[1:]
    if operator == "is":
        return _empty(name, rest)
    negated = operator == "not"
    if negated:
        operator, rest = rest[0].lower() if rest else "", rest[1:]
    if operator == "in":
        values, rest = _list(rest)
        test = _one_of(site, name, values)
        return ((lambda issue: not test(issue)) if negated else test), rest
    if operator not in _OPERATORS or negated or not rest:
        raise BadQuery(f"Error in the JQL Query: '{operator}' is not an operator for '{name}'.")
    return _compare(site, name, operator, _plain(rest[0])), rest[1:]


def _empty(name: str, rest: list[str]) -> tuple[Test, list[str]]:
    negated = bool(rest) and rest[0].lower() == "not"
    rest = rest[1:] if negated else rest
    if not rest or rest[0].lower() not in ("empty", "null"):
        raise BadQuery("Error in the JQL Query: 'is' takes EMPTY or NULL.")
    return (lambda issue: bool(_READERS[name](issue)) == negated), rest[1:]


def _list(tokens: list[str]) -> tuple[list[str], list[str]]:
    if not tokens or tokens[0] != "(" or ")" not in tokens:
        raise BadQuery("Error in the JQL Query: 'in' takes a list in brackets.")
    end = tokens.index(")")
    return [_plain(token) for token in tokens[1:end] if token != ","], tokens[end + 1 :]


def _one_of(site: Site, name: str, values: list[str]) -> Test:
    if name in ("created", "updated"):
        tests = [_compare(site, name, "=", value) for value in values]
        return lambda issue: any(test(issue) for test in tests)
    wanted = {_wanted(site, name, value) for value in values}
    return lambda issue: not wanted.isdisjoint(_READERS[name](issue))


def _compare(site: Site, name: str, operator: str, text: str) -> Test:
    if name in ("created", "updated"):
        return _compare_moment(site, name, operator, text)
    wanted = _wanted(site, name, text)
    if operator not in ("=", "!="):
        raise BadQuery(f"The operator '{operator}' is not supported by the '{name}' field.")
    return lambda issue: (wanted in _READERS[name](issue)) == (operator == "=")


def _wanted(site: Site, name: str, text: str) -> str:
    """Keys, old ones too, and projects are compared by their ids; all else without case."""
    if name == "project":
        project = site.projects.get(int(text)) if text.isdecimal() else site.project_of_key(text)
        if project is None or not site.is_open(project):
            raise BadQuery(f"The value '{text}' does not exist for the field 'project'.")
        return project.key
    if name in ("key", "issuekey", "id", "issue", "parent"):
        issue = site.find(text)
        if issue is None and site.is_data_center:
            raise BadQuery(f"An issue with key '{text}' does not exist for field '{name}'.")
        return str(issue.id) if issue is not None else ""
    return text.lower()


def _compare_moment(site: Site, name: str, operator: str, text: str) -> Test:
    limit = _moment(site, text)

    def test(issue: Issue) -> bool:
        at = issue.created if name == "created" else issue.updated
        return {
            "=": at == limit,
            "!=": at != limit,
            "<": at < limit,
            "<=": at <= limit,
            ">": at > limit,
            ">=": at >= limit,
        }[operator]

    return test


def _moment(site: Site, text: str) -> datetime:
    """A date literal is read in the time zone of the caller's profile and has minute precision."""
    relative = _RELATIVE.match(text)
    if relative is not None:
        return site.now() - timedelta(**{_UNITS[relative[2]]: int(relative[1])})
    for pattern in ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=ZoneInfo(site.time_zone)).astimezone(UTC)
        except ValueError:
            continue
    raise BadQuery(f"Date value '{text}' is invalid. Valid formats: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', '-5d'.")


def _plain(token: str) -> str:
    return token[1:-1] if token[:1] in "\"'" else token


_READERS: dict[str, Callable[[Issue], tuple[str, ...]]] = {
    "project": lambda issue: (issue.values.project,),
    "key": lambda issue: (str(issue.id),),
    "issuekey": lambda issue: (str(issue.id),),
    "issue": lambda issue: (str(issue.id),),
    "id": lambda issue: (str(issue.id),),
    "parent": lambda issue: () if issue.values.parent is None else (str(issue.values.parent),),
    "sprint": lambda issue: tuple(str(sprint) for sprint in issue.values.sprints),
    "issuetype": lambda issue: (issue.values.type,),
    "labels": lambda issue: tuple(label.lower() for label in issue.values.labels),
    "status": lambda issue: (issue.values.status,),
    "created": lambda issue: (str(issue.created),),
    "updated": lambda issue: (str(issue.updated),),
}
