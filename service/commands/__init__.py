"""Commands of `tieline`, one module a command; each is thin: read arguments, call, print."""

import click

OPERATOR = "operator"  # who acts at the command line, in the log
TABLE_OR_JSON = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or JSON for programs.",
)
