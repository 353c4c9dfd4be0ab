"""Every page by the name of its route, with the addresses under which it is looked at on the filled site.

A page that is new in the application has no line here, and a test says so.
"""

from werkzeug.routing import Rule

# {names} are what `company.live_on` gives.
PAGES: dict[str, tuple[str, ...]] = {
    "pages.boards": ("/",),
    "pages.board": ("/boards/demo/41", "/boards/demo/53"),
    "pages.sprint": (
        "/sprints/demo/311",  # runs
        "/sprints/demo/309",  # closed
        "/sprints/demo/321",  # closed, re-opened, closed
        "/sprints/demo/313",  # planned
        "/sprints/demo/311?as_of=2026-03-17",
    ),
    "pages.sprint_receipt": (
        "/sprints/demo/311/receipt?scope=final&measure=points&part=unaligned",
        "/sprints/demo/309/receipt?scope=completed&measure=points",
    ),
    "pages.period_receipt": ("/periods/demo/53/2026-03-09/receipt?measure=points&part=exempt",),
    "pages.rollup_receipt": ("/roll-ups/FY-Q3/company/company/receipt?measure=points",),
    "sheet.sheet": ("/sprints/demo/309/sheet",),
    "compare.compare": ("/compare", "/compare?a=demo/309&b=demo/311"),
    "pages.epics": ("/epics", "/epics?text=nothing+like+it"),
    "pages.findings": ("/findings", "/findings?kind=unknown_tag", "/findings?state=resolved"),
    "pages.finding": ("/findings/7",),
    "rules.rules": ("/rules",),
    "rules.new": ("/rules/new",),
    "rules.edit": ("/rules/{rule}/edit",),
    "rules.ending": ("/rules/{rule}/end",),
    "key_results.key_results": ("/key-results", "/key-results?cycle=FY-Q3&measure=count"),
    "key_results.key_result": ("/key-results/KR-12", "/key-results/KR-73"),
    "wording.key_result": ("/key-results/KR-12/wording",),
    "wording.draft": ("/draft",),
    "wording.phrases": ("/phrases",),
    "trends.trends": ("/trends", "/trends?team=Checkout"),
    "pages.connections": ("/connections",),
    "connection.connection": ("/connections/demo",),
    "connection.examine": ("/connections/demo/doctor",),
    "files.choose": ("/import",),
    "connect.start": ("/connect",),
    "connect.login": ("/connect/{draft}/login", "/connect/{draft}/login?way=oauth"),
    "connect.account": ("/connect/{draft}/account",),
    "connect.projects": ("/connect/{draft}/projects",),
    "connect.look": ("/connect/{draft}/look",),
    "connect.fields": ("/connect/{draft}/fields",),
    "connect.boards": ("/connect/{draft}/boards",),
    "connect.statuses": ("/connect/{draft}/statuses",),
    "connect.webhook": ("/connect/{draft}/webhook",),
    "deliveries.deliveries": ("/deliveries",),
    "deliveries.delivery": ("/deliveries/1",),
    "write_back.records": ("/write-back",),
    "write_back.new": ("/write-back/new",),
    "write_back.record": ("/write-back/{record}",),
    "notifications.notifications": ("/notifications",),
    "notifications.log": ("/notifications/log",),
    "notifications.message": ("/notifications/messages/1",),
    "badges.widget": ("/widget/{badge}",),
    "accounts.own": ("/account",),
    "accounts.everybody": ("/accounts",),
    "accounts.log": ("/log",),
    "access.login_page": ("/login",),
}
NOWHERE = "/sprints/none/none"
EMPTY = (
    "/", "/epics", "/findings", "/findings?state=muted", "/rules", "/rules/new", "/key-results", "/trends", "/compare",
    "/draft", "/phrases", "/connections", "/connect", "/import", "/deliveries", "/write-back", "/write-back/new",
    "/notifications", "/notifications/log", "/account", "/accounts", "/log", NOWHERE,
)  # fmt: skip
# What answers with words for machines, with a file of a form that its address ends in, or leads on to a page.
NO_PAGES = {"static", "healthz", "metrics.read", "access.log_in", "connect.consent", "sheet.sheet_file", "trends.chart"}
FILES = (".csv", ".png", ".svg")


def is_page(rule: Rule) -> bool:
    """Does it show something to a person in a browser?"""
    is_file = rule.rule.startswith("/api/") or rule.rule.endswith(FILES)
    return "GET" in (rule.methods or ()) and not is_file and rule.endpoint not in NO_PAGES
