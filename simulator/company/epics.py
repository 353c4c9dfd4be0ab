"""The forty epics of the company, and what was planted among them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpicPlan:
    name: str
    project: str
    title: str
    tags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    is_done: bool = False
    squad: str | None = None
    hidden: bool = False


LAST_QUARTER = (
    EpicPlan("old-wallets", "CHK", "Wallets for the northern markets", ("Q3-KR-11",), is_done=True),
    EpicPlan("old-languages", "CHK", "Payment page in nine languages", ("Q3-KR-11",), is_done=True),
    EpicPlan("old-sign-up", "ONB", "Shorter sign-up", ("Q3-KR-21",), is_done=True),
    EpicPlan("old-contracts", "ONB", "Contracts signed online", ("Q3-KR-22",), is_done=True),
    EpicPlan("old-ledger", "CORE", "One ledger for all currencies", ("Q3-KR-31",), is_done=True, squad="Ledger"),
    EpicPlan("old-rules", "CORE", "Fraud rules in minutes", ("Q3-KR-41",), is_done=True, squad="Risk"),
    EpicPlan("old-reports", "MER", "Account page for merchants", ("Q3-KR-51",), is_done=True),
    EpicPlan("old-refunds", "MER", "Refunds on the account page", ("Q3-KR-51",), is_done=True),
    EpicPlan("old-disputes", "OPS", "Dispute files in one place", ("Q3-KR-61",), is_done=True),
)

# They serve nothing, but they are over: no finding may speak of them.
LEGACY = (
    EpicPlan("legacy-app", "CHK", "First mobile app", is_done=True),
    EpicPlan("legacy-admin", "ONB", "Old admin pages", is_done=True),
    EpicPlan("legacy-move", "CORE", "Move to the second data centre", is_done=True, squad="Ledger"),
    EpicPlan("legacy-paper", "MER", "Paper invoices", is_done=True),
)

NEUTRAL = (
    EpicPlan("card-retries", "CHK", "Retry declined cards at the right moment", ("KR-11",)),
    EpicPlan("card-form", "CHK", "A card form that forgives", ("KR-11",)),
    EpicPlan("payment-page", "CHK", "Payment page without detours", ("KR-12",)),
    EpicPlan("first-sale", "ONB", "First sale on the first day", ("KR-21",)),
    EpicPlan("sample-shop", "ONB", "A sample shop to learn with", ("KR-21",)),
    EpicPlan("identity-checks", "ONB", "Identity checks that explain themselves", ("KR-22",)),
    EpicPlan("reconciliation", "CORE", "Reconcile payouts by themselves", ("KR-31",), squad="Ledger"),
    EpicPlan("balance-history", "CORE", "A balance that tells its history", ("KR-32",), squad="Ledger"),
    EpicPlan("payout-retries", "CORE", "Second try for failed payouts", ("KR-33",), squad="Ledger"),
    EpicPlan("fraud-rules", "CORE", "Rules that learn from confirmed fraud", ("KR-41",), squad="Risk"),
    EpicPlan("false-alarms", "CORE", "Fewer honest people stopped", ("KR-42",), squad="Risk"),
    EpicPlan("review-desk", "CORE", "One desk for manual reviews", ("KR-43",), squad="Risk"),
    EpicPlan("weekly-report", "MER", "A weekly report worth opening", ("KR-51",)),
    EpicPlan("report-filters", "MER", "Report by shop and by channel", ("KR-51",)),
    EpicPlan("refunds", "MER", "Refunds that answer questions", ("KR-52",)),
    EpicPlan("dispute-desk", "OPS", "Dispute desk", ("KR-61",)),
    EpicPlan("chargeback-letters", "OPS", "Better chargeback letters", ("KR-62",)),
    # Exempt: by its own label, and by a rule that names it.
    EpicPlan("keep-running", "OPS", "Keep the lights on", labels=("support",)),
    EpicPlan("licence-audit", "MER", "Audit by the regulator"),
)

PLANTED = (
    EpicPlan("guest-checkout", "CHK", "Checkout for guests"),  # orphan
    EpicPlan("rule-archive", "CORE", "Archive of old rules", ("none",), squad="Risk"),  # orphan, declared none
    EpicPlan("address-book", "CHK", "Address book for shoppers"),  # undeclared: KR-12 below it
    EpicPlan("bank-statements", "MER", "Statements for the bank"),  # undeclared: KR-52 below it
    EpicPlan("sms-receipts", "ONB", "Receipts by text message", ("KR-21",)),  # contradicting: KR-22 below it
    EpicPlan("night-batches", "CORE", "Night batches", ("KR-31",), squad="Ledger"),  # contradicting: KR-33
    EpicPlan("loyalty-points", "MER", "Loyalty points", ("LOYALTY",)),  # dangling: unknown
    EpicPlan("old-limits", "CORE", "Limits by country", ("Q3-KR-41",), squad="Risk"),  # dangling: stale
)

# In a project that the robot's token may not see.
HIDDEN = (
    EpicPlan("secret-keys", "SEC", "Rotation of the master keys", hidden=True),
    EpicPlan("secret-desk", "SEC", "Investigations", hidden=True),
)
EPICS = (*LAST_QUARTER, *LEGACY, *NEUTRAL, *PLANTED, *HIDDEN)


@dataclass(frozen=True, slots=True)
class Below:
    """Open work in the backlog below a planted epic, or with a planted tag. `mark` names it in the truths."""

    project: str
    epic: str | None
    count: int
    points: int
    tags: tuple[str, ...] = ()
    squad: str | None = None
    labels: tuple[str, ...] = ()
    mark: str | None = None


BACKLOG = (
    Below("CHK", "guest-checkout", 2, 3),
    Below("CORE", "rule-archive", 2, 2, squad="Risk"),
    Below("CHK", "address-book", 3, 3, ("KR-12",)),  # 9 of 12 points are tagged directly
    Below("CHK", "address-book", 1, 3),
    Below("MER", "bank-statements", 3, 5, ("KR-52",)),  # 15 of 18
    Below("MER", "bank-statements", 1, 3),
    Below("ONB", "sms-receipts", 3, 5, ("KR-22",)),  # 15 of 18 serve another key result
    Below("ONB", "sms-receipts", 1, 3),
    Below("CORE", "night-batches", 3, 5, ("KR-33",), squad="Ledger"),  # 15 of 18
    Below("CORE", "night-batches", 1, 3, squad="Ledger"),
    Below("MER", "loyalty-points", 3, 3),
    Below("CORE", "old-limits", 3, 3, squad="Risk"),
    Below("ONB", "secret-keys", 3, 3),
    Below("OPS", "secret-desk", 2, 2),
    Below("OPS", "keep-running", 4, 2, labels=("support",)),
    Below("MER", "licence-audit", 3, 3),
    Below("CHK", None, 1, 5, ("KR-11:80", "KR-12:60"), mark="over-allocated-checkout"),
    Below("CORE", None, 1, 5, ("KR-41:70", "KR-43:50"), squad="Risk", mark="over-allocated-risk"),
    Below("MER", None, 1, 3, ("retention",), mark="ambiguous-merchant"),
    Below("ONB", None, 1, 3, ("retention",), mark="ambiguous-onboarding"),
)
