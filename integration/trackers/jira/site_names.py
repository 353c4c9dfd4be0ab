"""What an operator calls by its name, found among the names of the site.

What the site lacks is refused with the place where it was said and the names that come near: taken as it is, it would
mean nothing for ever and nobody would notice.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from integration.contract import Misconfigured, Permanent
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json, as_objects
from integration.trackers.jira.fields import DROPPED_RESOLUTIONS
from integration.trackers.jira.site import link_words, status_fact

SHOWN = 12  # of a list
NEAR = 3

Named = tuple[str, str]  # id and name


# --- one name among many ----------------------------------------------------------------------


def found_among(place: str, what: str, said: str, known: Sequence[Named], also: Iterable[Named] = ()) -> str:
    """The name as the site writes it, or the id where that was said; as it was said where the site lists nothing.

    `also` may be said, too, and is not proposed.
    """
    if not known:
        return said.strip()
    wanted, every = plain(said), [*known, *also]
    named = next((name for _, name in every if plain(name) == wanted), None)
    if named is not None:
        return named
    if any(id_ == said.strip() for id_, _ in every):
        return said.strip()
    names = (name for _, name in known)
    raise Misconfigured(f"unknown_{what.replace(' ', '_')}", f"{place}Jira has no {what} {hint(said, names)}")


def plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace("’", "'").strip()


def hint(said: str, names: Iterable[str]) -> str:
    """The name that is not there, those that come near, and all where they are few."""
    listed = list(dict.fromkeys(names))
    meant = did_you_mean(said, listed)
    if not listed:
        return f"{quoted(said)}; there is none at all."
    if len(listed) <= SHOWN:
        return f"{quoted(said)}.{meant} There are: {', '.join(map(quoted, listed))}."
    few = "" if meant else f" There are {len(listed):,}, such as {', '.join(map(quoted, listed[:SHOWN]))}."
    return f"{quoted(said)}.{meant}{few}"


def did_you_mean(said: str, names: Sequence[str]) -> str:
    near = near_ones(said, names)
    return f" Did you mean {' or '.join(map(quoted, near))}?" if near else ""


def near_ones(said: str, names: Sequence[str]) -> list[str]:
    """Those that are written alike, then those that hold what was said or are held by it."""
    by_plain = {plain(name): name for name in names}
    wanted = plain(said)
    alike = get_close_matches(wanted, by_plain, n=NEAR, cutoff=0.6)
    within = [name for name in by_plain if len(wanted) > 2 and (wanted in name or (len(name) > 2 and name in wanted))]
    return [by_plain[name] for name in dict.fromkeys([*alike, *within])][:NEAR]


def quoted(name: str) -> str:
    return f"“{name[:60]}”"


# --- the names of each kind; nothing is asked where nothing was said ---------------------------


def statuses(http: HTTPClient, place: str, said: Sequence[str], also: Iterable[Named] = ()) -> tuple[str, ...]:
    """`also`: names that issues bear or bore, though the site does not list them any more."""
    if not said:
        return ()
    told = [(id_ or "", name) for id_, name, _ in map(status_fact, client.statuses(http)) if name]
    return tuple(found_among(place, "status", one, told, also) for one in said)


def link_types(http: HTTPClient, place: str, said: Sequence[str]) -> tuple[str, ...]:
    """Either phrase names its type, too."""
    if not said:
        return ()
    words = [link_words(raw) for raw in client.link_types(http)]
    names = {plain(word): one[0] for one in reversed(words) for word in reversed(one)}
    known = [("", one[0]) for one in words if one]
    if not known:
        raise Misconfigured("unknown_link_type", f"{place}Jira has no link types: linking is switched off there.")
    return tuple(names.get(plain(one)) or found_among(place, "link type", one, known) for one in said)


def resolutions(http: HTTPClient, place: str, said: Sequence[str], also: Iterable[Named] = ()) -> tuple[str, ...]:
    """Those that Jira ships with may be gone from the site and still stand in old histories."""
    if not said:
        return ()
    told = [(str(raw.get("id")), str(raw.get("name"))) for raw in client.resolutions(http)]
    also = [*also, *(("", name) for name in DROPPED_RESOLUTIONS)]
    return tuple(found_among(place, "resolution", one, told, also) for one in said)


def types(http: HTTPClient, place: str, said: Sequence[str], also: Iterable[Named] = ()) -> tuple[str, ...]:
    if not said:
        return ()
    told = [(str(raw.get("id")), str(raw.get("name"))) for raw in listed_types(http)]
    return tuple(found_among(place, "issue type", one, told, also) for one in said)


def listed_types(http: HTTPClient) -> list[Json]:
    """The list tells those without any issue, too; where it is closed to us, the sampled issues must do."""
    path = "/rest/api/2/issuetype" if http.dialect == client.DATA_CENTER else "/rest/api/3/issuetype"
    try:
        return as_objects(http.json("GET", path), "issuetype")
    except (Misconfigured, Permanent):
        return []
