"""The command `tieline`: each command lives in its own module of `service.commands` and is loaded
only when called, so that `tieline analyse` never pays for the web server."""

import importlib
import sys

import click

COMMANDS: dict[str, str] = {
    "accounts": "accounts:accounts",
    "analyse": "analyse:analyse",
    "audit": "audit:audit",
    "checkin": "checkin:checkin",
    "compare": "compare:compare",
    "connect": "connect:connect",
    "deliveries": "deliveries:deliveries",
    "disconnect": "disconnect:disconnect",
    "doctor": "doctor:doctor",
    "export": "export:export",
    "findings": "findings:findings",
    "judge": "judge:judge",
    "import": "imports:import_file",
    "krs": "krs:krs",
    "log": "log:log",
    "login-link": "login_link:login_link",
    "mapping": "mapping:mapping",
    "mcp": "mcp:mcp",
    "migrate": "serve:migrate",
    "notify": "notify:notify",
    "okrs": "okrs:okrs",
    "overrulings": "overrulings:overrulings",
    "prune": "prune:prune",
    "read": "read:read",
    "rules": "rules:rules",
    "sample": "sample:sample",
    "serve": "serve:serve",
    "sprint": "sprint:sprint",
    "tokens": "accounts:tokens",
    "trends": "trends:trends",
    "webhook": "webhook:webhook",
    "worker": "serve:worker",
    "write-back": "write_back:write_back",
}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(f"service.commands.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tieline")
def main() -> None:
    """Tieline shows what share of the work serves each key result."""


if __name__ == "__main__":
    sys.exit(main())
