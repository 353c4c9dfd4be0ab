"""Titles for the company's work: plain, plausible and repeatable."""

_WHAT = {
    "Checkout": ("card form", "expiry date field", "bank's answer page", "wallet button", "saved cards", "3-D check",
                 "error texts", "coupon field", "receipt page", "address form"),
    "Onboarding": ("sign-up form", "sample products", "identity upload", "first payment guide", "welcome mail",
                   "contract page", "bank account check", "company search", "progress bar", "help panel"),
    "Platform": ("payout file", "balance page", "rule editor", "review queue", "fee lines", "bank statement reader",
                 "alarm texts", "limit table", "settlement run", "case history"),
    "Merchant": ("weekly report", "shop filter", "refund form", "channel chart", "export file", "report mail",
                 "refund status", "customer list", "date picker", "sales chart"),
    "Operations": ("dispute form", "evidence list", "letter template", "deadline list", "bank inbox", "case number"),
}  # fmt: skip
_STORY = (
    "Explain the next step on the {}",
    "Show the reason on the {}",
    "Remember the last choice in the {}",
    "Make the {} work on small screens",
    "Load the {} before it is needed",
    "Offer a way back from the {}",
    "Let people correct the {}",
)
_TASK = ("Measure how the {} is used", "Clean up the data behind the {}", "Rehearse the roll-out of the {}")
_BUG = ("{} shows yesterday's state", "{} loses input after a time-out", "{} counts one entry twice")
_SUBTASK = ("Texts for the {}", "Tests for the {}", "Numbers for the {}")
_EPIC_PARTS = {"story": _STORY, "task": _TASK, "bug": _BUG, "subtask": _SUBTASK}


class Titles:
    """Gives one title after the other."""

    def __init__(self) -> None:
        self._count = 0

    def next(self, team: str, type_: str) -> str:
        self._count += 1
        patterns, things = _EPIC_PARTS[type_], _WHAT[team]
        text = patterns[self._count % len(patterns)].format(things[(self._count // 3) % len(things)])
        return text[0].upper() + text[1:]


GOALS = {
    "Checkout": (
        "Shoppers with a local wallet pay without help",
        "Fewer shoppers leave when their language is missing",
        "Fewer cards are declined that could have paid",
        "Shoppers who mistype a card number still finish",
        "Build the new card form and deploy the retry service",
        "Fewer card payments fail on the first try, so that more shoppers finish their purchase (KR-11)",
        "Fewer shoppers give up on the way to the receipt",
    ),
    "Onboarding": (
        "More merchants finish signing up on the same day",
        "Merchants wait less for their contract",
        "New shops reach their first sale faster",
        "New shops stay active in their second week",
        "New shops reach their first sale faster, with less waiting for an answer",
        "Shops get through identity checks without calling support (KR-22)",
        "",
    ),
    "Platform": (
        "Customers find fewer differences in their balance before we do",
        "Fraud is noticed earlier, so that fewer honest people pay for it",
        "Fewer payouts need a hand",
        "Fewer honest people are stopped by mistake",
        "Fewer payouts need a manual check, so that merchants get their money a day earlier",
        "Finish the reconciliation job and migrate the rules engine",
        None,
    ),
    "Merchant": (
        "Merchants see their balance without asking support",
        "Merchants ask support less often about refunds",
        "More merchants open the report on Monday",
        "Merchants spend less time on finding their best shop",
        "Merchants are happier with the way refunds work (KR-52)",
        "Merchants find the answer in their report instead of writing to support",
        "Merchants wait less for an answer about a refund",
    ),
}
