"""`tieline login-link`: a new link with which the admin comes in once."""

import click

from reports.access import login_link as new_link
from service.settings import Settings


@click.command("login-link")
@click.option("--public-url", metavar="URL", help="Where people reach Tieline, if not where it listens.")
def login_link(public_url: str | None) -> None:
    """Print a link that lets the admin in once, within a day. Links made before it that nobody used work no more."""
    from integration.store.opened import Store
    from service.installation import now, opened

    installation = opened({"public_url": public_url})
    if installation.settings.port == 0 and installation.settings.public_url is None:
        sentence = "TIELINE_PORT is 0: say with --public-url at which address `tieline serve` said that it is."
        raise click.ClickException(sentence)
    click.echo(new_link(Store(installation.engine), address_of(installation.settings), now()))


def address_of(settings: Settings) -> str:
    """Where people reach Tieline, as far as the settings tell."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return settings.public_url or f"http://{host}:{settings.port}"
