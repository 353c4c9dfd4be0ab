"""What messages work with: an installation's vault, public address, mail server, and the words of its findings."""

from dataclasses import replace

from integration.messages.carrying import Ways
from integration.messages.composing import Words
from integration.messages.mail import MailServer, server_of
from integration.messages.news import Herald
from integration.messages.sending import Postman
from integration.store.opened import Store
from reports.finding_views import OF_ITEMS, OF_SPRINTS, TITLES
from reports.notification_picture import drawer
from service.installation import Installation, now
from service.settings import Settings


def words_of(settings: Settings) -> Words:
    return Words(settings.public_url, TITLES)


def herald_of(installation: Installation) -> Herald:
    return Herald(installation.engine, now, words_of(installation.settings), OF_SPRINTS, OF_ITEMS)


def postman_of(installation: Installation) -> Postman:
    ways = replace(ways_of(installation.settings), draw=drawer(Store(installation.engine)))
    return Postman(installation.engine, installation.vault, ways, now)


def ways_of(settings: Settings) -> Ways:
    return Ways(settings.messages_to_private, _mail_server(settings), public_url=settings.public_url)


def _mail_server(settings: Settings) -> MailServer | None:
    """A wrong one stops the start, as every wrong setting does."""
    url = settings.smtp_url
    return None if url is None else server_of(url.get_secret_value(), settings.mail_from)
