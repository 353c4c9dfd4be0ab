"""`tieline mcp`: the MCP server on standard input and output, for a program on the same machine."""

import click

from integration.store.opened import Store
from service.installation import now, opened


@click.command()
def mcp() -> None:
    """Answer programs that speak MCP, over standard input and output. Its tools only read.

    It needs an addition: pip install 'tieline[mcp]'.
    """
    try:
        from reports.mcp_server import server
    except ImportError:
        raise click.ClickException(
            "This command needs an addition that is not installed: pip install 'tieline[mcp]' brings it."
        ) from None
    server(Store(opened().engine), now).run("stdio")
