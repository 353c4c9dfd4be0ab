"""The door in a process of its own, to be killed: run with the URL of a database and a port."""

import sys

from granian.constants import Interfaces
from granian.server.mp import MPServer

from integration.store.engine import create_engine
from tests.webhooks.door import ACME, SIGNING, a_page
from webhooks.front import Application, Front
from webhooks.keys import KeyRing
from webhooks.receiver import Door
from webhooks.writer import InboxWriter


def main() -> None:
    server = MPServer("door", port=int(sys.argv[2]), interface=Interfaces.ASGINL, log_enabled=False)
    server.serve(target_loader=_door, wrap_loader=False)


def _door() -> Application:
    writer = InboxWriter(create_engine(sys.argv[1]))
    ring = KeyRing(lambda: {("jira", "acme"): ACME})
    return Front(Door({"jira": SIGNING}, ring), writer, a_page)


if __name__ == "__main__":
    main()
