"""How old a file is, said in words: it tells of its moment, and nobody fetches what came after."""

from datetime import datetime, timedelta

from integration.store.imported_files import ImportedFile

OLD = timedelta(days=14)
FORMS = {"backlog": "a backlog file", "jira_csv": "a CSV export of Jira", "jira_json": "Jira's JSON"}


def is_old(file: ImportedFile, now: datetime) -> bool:
    return now - file.as_of > OLD


def age(file: ImportedFile, now: datetime) -> str:
    """Such as "12 days old"."""
    days = (now - file.as_of).days
    if days < 1:
        return "less than a day old"
    return "a day old" if days == 1 else f"{days} days old"


def sentence(file: ImportedFile, now: datetime) -> str:
    """What a line about the connection says."""
    if file.is_sample:
        return f"Sample data, made up, as of {file.as_of:%-d %b %Y}. It is no backlog of yours."
    told = f"A file, as of {file.as_of:%-d %b %Y, %H:%M} UTC: {age(file, now)}."
    rest = "Import a newer one." if is_old(file, now) else "Nothing newer is fetched."
    return f"{told} {rest}"


def items_words(number: int) -> str:
    return f"{number:,} item{'' if number == 1 else 's'}"
