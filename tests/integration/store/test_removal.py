"""Removing a connection: nothing of it is left, nothing else is touched, and a cut one goes on."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from integration.store import removal
from integration.store.acts import acts
from integration.store.engine import reading, writing
from integration.store.every_table import EVERY_TABLE
from integration.store.removal import is_anything_left, remove_connection
from integration.store.tables import ConnectionRow, ItemStateRow
from tests.integration.store.material import day
from tests.reports.material import NOW, Site, shop
from webhooks.intake import incoming, put


@pytest.fixture
def site(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Two connections that hold the same, and a delivery of each; few rows go at once."""
    monkeypatch.setattr(removal, "AT_ONCE", 3)
    with shop(database_url) as found:
        _copy(found.engine)
        for name in ("shop", "other"):
            with found.engine.begin() as connection:
                put(connection, [incoming("jira", name, delivery_id=None, headers={}, body=b"{}", at=day(1))])
        yield found


def _copy(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(
            ConnectionRow(
                id="other",
                tracker="jira",
                base_url="https://other.example",
                callback_url="",
                mapping={},
                created_at=NOW,
            )
        )
    with engine.begin() as connection:
        for name in ("boards", "sprints", "answers", "trends"):
            table = next(one for one in EVERY_TABLE if one.name == name)
            rows = [dict(row) | {"connection": "other"} for row in connection.execute(select(table)).mappings()]
            connection.execute(table.insert(), rows)


def rows_of(engine: Engine, name: str) -> dict[str, int]:
    found = {}
    with engine.connect() as connection:
        for table in EVERY_TABLE:
            if "connection" in table.c and table.name != "acts":
                number = len(connection.execute(select(table.c.connection).where(table.c.connection == name)).all())
                if number:
                    found[table.name] = number
    return found


def test_nothing_is_left_of_it_and_another_connection_is_untouched(site: Site) -> None:
    before = rows_of(site.engine, "other")
    assert {"boards", "sprints", "answers", "items", "item_sprints", "trends", "deliveries"} <= rows_of(
        site.engine, "shop"
    ).keys()
    remove_connection(site.engine, "shop", NOW, actor="Ada", reason="moved")
    assert rows_of(site.engine, "shop") == {}
    assert rows_of(site.engine, "other") == before
    with reading(site.engine) as session:
        assert not is_anything_left(session, "shop")
        assert session.scalars(select(col(ItemStateRow.item_id))).all() == []
        assert (acts(session)[0].act, acts(session)[0].reason) == ("connection_removed", "moved")


def test_what_a_cut_removal_left_is_still_there_to_be_removed(site: Site) -> None:
    with writing(site.engine) as session:
        session.delete(session.get_one(ConnectionRow, "shop"))
    with reading(site.engine) as session:
        assert is_anything_left(session, "shop")
    remove_connection(site.engine, "shop", NOW, actor="Ada", reason="again")
    with reading(site.engine) as session:
        assert not is_anything_left(session, "shop")


def test_pages_know_it_no_more(site: Site) -> None:
    remove_connection(site.engine, "shop", NOW, actor="Ada", reason="moved")
    assert site.client.get("/sprints/shop/S1").status_code == 404
    assert 'href="/boards/shop' not in site.client.get("/").text
    assert site.client.get("/").status_code == 200
