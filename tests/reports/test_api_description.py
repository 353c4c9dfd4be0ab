"""The API keeps to its own description, whatever is sent: requests made from it, right and wrong ones."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from integration.store import accounts, tokens
from tests.reports.material import NOW, Site, shop
from tests.reports.test_notifications import with_vault

EXAMPLES = 4  # of each operation and kind


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with shop(f"sqlite:///{tmp_path_factory.mktemp('api') / 'tieline.sqlite'}") as found:
        yield with_vault(found)


def token(site: Site) -> dict[str, str]:
    with site.store.writing() as session:
        admin = accounts.account_named(session, accounts.ADMIN)
        assert admin is not None
        made = tokens.make_token(session, admin.id, "test", ["read", "act", "admin"], 30, NOW)
    return {"Authorization": f"Bearer {made}"}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
def test_every_operation_answers_as_its_description_says(described: Site, mode: GenerationMode) -> None:
    headers = token(described)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", described.app, headers=headers)
    # A schema says which form a body has; what the register and the store say against it is told by 422.
    schema.config.checks.positive_data_acceptance.expected_statuses.append("422")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    paths = [one for one in operations if one.path.startswith("/api/v1/")]
    assert len(paths) > 60

    def ask(case: Any) -> None:
        case.call_and_validate(headers=headers)

    bounds = settings(
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for operation in paths:
        # What takes nothing is asked once: loading the sample data takes a second.
        taken = [*operation.body, *operation.path_parameters, *operation.query]
        examples = EXAMPLES if taken else 1
        few = settings(bounds, max_examples=examples)
        few(given(case=operation.as_strategy(generation_mode=mode))(ask))()


def test_every_operation_has_a_name_a_summary_and_says_who_may_ask(described: Site) -> None:
    document = described.app.test_client().get("/api/v1/openapi.json", headers=token(described)).json
    assert document is not None
    operations = [
        operation
        for path, item in document["paths"].items()
        if path.startswith("/api/v1/")
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["security"] == [{"token": []}, {"login": []}]
        assert {"401", "403"} <= set(operation["responses"])
