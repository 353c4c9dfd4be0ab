"""Views of a list under a name."""

from integration.store import acts, saved_views
from integration.store.engine import writing
from tests.integration.store.material import day, fresh_store


def test_a_view_is_kept_by_page_and_name_and_replaced_under_the_same(database_url: str) -> None:
    with fresh_store(database_url) as engine, writing(engine) as session:
        assert saved_views.keep_view(session, "epics", "Ours", "team=Payments", "Ada", day(0))
        assert saved_views.keep_view(session, "epics", "Ours", "team=Flow", "Bo", day(1))
        assert saved_views.keep_view(session, "findings", "Ours", "state=muted", "Ada", day(1))
        [view] = saved_views.saved_views(session, "epics")
        assert (view.name, view.query, view.author) == ("Ours", "team=Flow", "Bo")


def test_a_view_can_be_dropped_only_from_its_page_and_the_log_says_so(database_url: str) -> None:
    with fresh_store(database_url) as engine, writing(engine) as session:
        saved_views.keep_view(session, "epics", "Ours", "", "Ada", day(0))
        [view] = saved_views.saved_views(session, "epics")
        assert not saved_views.drop_view(session, "findings", view.id, "Ada", day(1))
        assert saved_views.drop_view(session, "epics", view.id, "Ada", day(1))
        assert saved_views.saved_views(session, "epics") == ()
        assert [one.act for one in acts.acts(session)] == ["dropped_view", "saved_view"]


def test_there_is_an_end_to_the_number_of_views(sqlite_url: str) -> None:
    with fresh_store(sqlite_url) as engine, writing(engine) as session:
        kept = [saved_views.keep_view(session, "epics", f"View {n}", "", "Ada", day(0)) for n in range(51)]
        assert kept == [True] * 50 + [False]
        assert saved_views.keep_view(session, "epics", "View 3", "x=1", "Ada", day(0))
