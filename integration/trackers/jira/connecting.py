"""The steps by which a Jira site is connected, as the pages and the doctor go through them."""

from integration.connecting import Connecting, Registered, Wanted
from integration.contract import Connection
from integration.trackers.jira import choosing, client, connect_site, dynamic_webhook, looking, oauth, proof, webhook
from integration.trackers.jira.checks import checks


def is_oauth(connection: Connection) -> bool:
    return connection.credentials.get("kind") == oauth.WAY.name


def register(connection: Connection, wanted: Wanted) -> Registered:
    register_there = dynamic_webhook.register if is_oauth(connection) else webhook.register
    return register_there(client.open_client(connection), wanted)


def registered(connection: Connection) -> Registered | None:
    """The webhook that leads to us. What may follow its address is as good as a password, and not looked at."""
    find = dynamic_webhook.found_by_url if is_oauth(connection) else webhook.found_by_url
    return find(client.open_client(connection), f"/hooks/jira/{connection.id}")


def renew(connection: Connection, hook: Registered) -> Registered:
    return dynamic_webhook.renew(client.open_client(connection), hook)


def own_secret(connection: Connection) -> str | None:
    """An app's webhooks are signed with its client secret."""
    return connection.credentials["client_secret"] if is_oauth(connection) else None


def can_sign(connection: Connection) -> bool:
    """Data Center can from version 10 on."""
    return webhook.can_sign(client.open_client(connection))


def instructions(connection: Connection, wanted: Wanted) -> tuple[str, ...]:
    return webhook.instructions(connection.base_url, wanted)


CONNECTING = Connecting(
    title="Jira",
    example="https://acme.atlassian.net or https://jira.example.org/jira",
    probe=connect_site.probe,
    name_for=connect_site.name_for,
    ways=connect_site.ways,
    credentials=connect_site.credentials_by,
    sight=choosing.sight,
    projects=looking.project_lines,
    look=looking.look,
    suggest=looking.suggest_choice,
    mapping=looking.mapping_of,
    chosen=looking.choice_of,
    projects_of=looking.projects_of,
    reads_elsewhere=looking.reads_elsewhere,
    can_sign=can_sign,
    own_secret=own_secret,
    register=register,
    instructions=instructions,
    how_to_cause_a_delivery=proof.HOW,
    webhook=registered,
    can_cause_delivery=proof.can_cause_delivery,
    cause_delivery=proof.cause_delivery,
    renew_webhook=renew,
    checks=checks,
    consent=oauth.CONSENT,
)
