"""What the sample's company wants and works on, as tables; `sample_company` puts them on days around today.

All names end in “(sample)” or begin with SAMPLE, so that nobody takes them for their own, nor any figure of them.
"""

from dataclasses import dataclass

CHECKOUT, MERCHANTS, SUPPORT = "Checkout (sample)", "Merchants (sample)", "Support (sample)"
COMPANY = "Corner shop (sample)"
NOW_CYCLE, LAST_CYCLE = "Sample cycle 2", "Sample cycle 1"
SPRINTS = 8  # closed ones of each board; the next runs, the one after it is planned
FIRST_NUMBER = 21

TEAMS = (
    {"name": COMPANY},
    {"name": CHECKOUT, "parent": COMPANY, "split": {"primary": 70, "secondary": 20, "exploration": 10}},
    {"name": MERCHANTS, "parent": COMPANY},
    {"name": SUPPORT, "parent": COMPANY},
)
BOARDS = (
    {"id": "checkout", "name": CHECKOUT, "team": CHECKOUT},
    {"id": "merchants", "name": MERCHANTS, "team": MERCHANTS},
    {"id": "support", "name": SUPPORT, "team": SUPPORT, "periods": "week"},
)
OBJECTIVES = (
    ("SAMPLE-O1", "Buyers finish what they began", CHECKOUT, NOW_CYCLE, "primary"),
    ("SAMPLE-O2", "Buyers come back by themselves", CHECKOUT, NOW_CYCLE, "exploration"),
    ("SAMPLE-O3", "New shops sell on their first day", MERCHANTS, NOW_CYCLE, "primary"),
    ("SAMPLE-O4", "The old checkout is no hurdle any more", CHECKOUT, LAST_CYCLE, "primary"),
)
# code, objective, title, more, values as days from the start of the running sprint
KEY_RESULTS: tuple[tuple[str, str, str, dict[str, object], tuple[tuple[int, str], ...]], ...] = (
    (
        "SAMPLE-1",
        "SAMPLE-O1",
        "Raise finished first checkouts from 50 % to 70 %",
        {"metric": "finished first checkouts", "unit": "%", "baseline": 50, "target": 70, "aliases": ["speed"]},
        ((-49, "52"), (-35, "55"), (-21, "59"), (-7, "62"), (1, "63")),
    ),
    (
        "SAMPLE-2",
        "SAMPLE-O1",
        "Cut wrongly declined cards from 6 % to 3 %",
        {"metric": "wrongly declined cards", "unit": "%", "baseline": 6, "target": 3, "aliases": ["speed"]},
        ((-49, "6"), (-35, "5.9"), (-21, "6"), (-7, "6"), (1, "6")),
    ),
    ("SAMPLE-3", "SAMPLE-O2", "Ship the loyalty programme", {}, ()),
    (
        "SAMPLE-4",
        "SAMPLE-O3",
        "Raise shops that sell on their first day from 20 % to 50 %",
        {"metric": "shops that sell on their first day", "unit": "%", "baseline": 20, "target": 50},
        ((-49, "22"), (-35, "27"), (-21, "33"), (-7, "38"), (1, "40")),
    ),
    (
        "SAMPLE-5",
        "SAMPLE-O3",
        "Cut questions to support per new shop from 3 to 1",
        {"metric": "questions per new shop", "baseline": 3, "target": 1, "supports": ["SAMPLE-4"]},
        ((-49, "3"), (-28, "2.6"), (-14, "2.2"), (-2, "1.9")),
    ),
    (
        "SAMPLE-6",
        "SAMPLE-O3",
        "Reach 10,000 followers",
        {"metric": "followers", "baseline": 800, "target": 10000},
        ((-49, "900"),),
    ),
    (
        "SAMPLE-0",
        "SAMPLE-O4",
        "Cut abandoned baskets from 40 % to 32 %",
        {"metric": "abandoned baskets", "unit": "%", "baseline": 40, "target": 32},
        ((-140, "39"), (-112, "36"), (-84, "33"), (-60, "31")),
    ),
)

# key: title, tags, impact by key result, positive towards the target
EPICS: dict[str, tuple[str, tuple[str, ...], dict[str, float]]] = {
    "SMP-1": ("Pay without an account", ("SAMPLE-1",), {"SAMPLE-1": 5}),
    "SMP-2": ("Ask the bank a second time", ("SAMPLE-2",), {"SAMPLE-2": 2}),
    "SMP-3": ("A shop in ten steps", ("SAMPLE-4",), {"SAMPLE-4": 6}),
    "SMP-4": ("New admin theme", (), {}),
    "SMP-5": ("Loyalty points", ("SAMPLE-9",), {}),
    "SMP-6": ("Move the order tables", (), {}),
    "SMP-7": ("Help texts beside each field", ("SAMPLE-5",), {}),
    "SMP-8": ("Baskets that wait for their owner", ("SAMPLE-0",), {}),
}


@dataclass(frozen=True, slots=True)
class Work:
    """One item of a sprint: what it hangs below, its points (None: not estimated) and the day of the sprint on which it
    was done (0: it was not)."""

    title: str
    epic: str | None
    points: int | None
    done: int
    tags: str = ""
    labels: str = ""
    late_tags: bool = False  # tagged a day after the sprint was completed
    added: int = 0  # the day on which it came in, after the start
    removed: int = 0
    regrown: int = 0  # its points from the fifth day on


# Of each closed sprint, in the order of time: how many points served what, as pairs of an epic and points.
CHECKOUT_PAST: tuple[tuple[tuple[str | None, int], ...], ...] = (
    (("SMP-8", 8), ("SMP-8", 5), (None, 8), ("SMP-4", 5)),
    (("SMP-8", 8), ("SMP-8", 3), (None, 5), ("SMP-4", 5)),
    (("SMP-8", 8), ("SMP-1", 5), ("SMP-4", 8), (None, 3)),
    (("SMP-8", 5), ("SMP-1", 8), ("SMP-2", 3), ("SMP-4", 5)),
    (("SMP-1", 8), ("SMP-2", 5), ("SMP-4", 8), (None, 2)),
    (("SMP-1", 8), ("SMP-2", 8), ("SMP-4", 5), ("SMP-6", 3)),
    (("SMP-1", 5), ("SMP-2", 8), ("SMP-2", 3), ("SMP-6", 5)),
    (("SMP-1", 8), ("SMP-2", 8), ("SMP-4", 3), ("SMP-6", 3)),
)
MERCHANTS_PAST: tuple[tuple[tuple[str | None, int], ...], ...] = (
    ((None, 8), (None, 5), ("SMP-3", 3)),
    ((None, 5), ("SMP-3", 5), (None, 3)),
    (("SMP-3", 8), (None, 5), ("SMP-7", 2)),
    (("SMP-3", 8), (None, 3), ("SMP-3", 3)),
    (("SMP-3", 8), ("SMP-3", 5), (None, 2)),
    (("SMP-3", 13), ("SMP-3", 3), (None, 2)),
    (("SMP-3", 8), ("SMP-3", 8), ("SMP-7", 1)),
    (("SMP-3", 8), (None, 8), (None, 3)),
)
CHECKOUT_NOW = (
    Work("Guests see the sum before they type", "SMP-1", 5, 2),
    Work("Keep the basket when a card fails", "SMP-1", 3, 8),
    Work("Address from the post code", "SMP-1", 3, 0, regrown=8),
    Work("Tell why a card was declined", "SMP-2", 5, 3),
    Work("Try the second bank by night", "SMP-2", 3, 0),
    Work("Dark colours for the admin", "SMP-4", 8, 0),
    Work("Icons of the admin menu", "SMP-4", 2, 1),
    Work("Points on the receipt", "SMP-5", 3, 0),
    Work("Copy the orders of one day", "SMP-6", 5, 0, tags="SAMPLE-2"),
    Work("Answer to the tax office", None, 2, 2, labels="support", added=1),
    Work("Broken link in the receipt mail", None, None, 0, added=2),
    Work("A second basket", "SMP-8", 5, 0, removed=2),
    Work("Shorter waits at the card form", None, 3, 0, tags="speed"),
    Work("Fewer fields for returning guests", "SMP-1", 2, 0, tags="SAMPLE-1:70, SAMPLE-2:50"),
)
MERCHANTS_NOW = (
    Work("Upload a price list", "SMP-3", 5, 2),
    Work("Sell before the bank account is checked", "SMP-3", 8, 0),
    Work("Example products for a new shop", "SMP-3", 3, 3),
    Work("Explain the tax field", "SMP-7", 1, 0),
    Work("Shop colours", None, 3, 0, tags="SAMPEL-4"),
    Work("Shop fonts", None, 2, 0, tags="sampel-4"),
    Work("Shop logo", None, 2, 1, tags="SAMPEL-4"),
    Work("Clean up test shops", None, 3, 0),
)
NEXT = (
    ("checkout", "Second card on the same page", "SMP-2", 5),
    ("merchants", "First order by a test buyer", "SMP-3", 5),
)
CHECKOUT_GOALS = (
    "Release the basket page",
    "Deploy the new basket service",
    "Buyers find their basket again: abandoned baskets fall below 34 %",
    "Baskets wait for their owner",
    "Finish the guest checkout",
    "Guests finish their first checkout without asking anybody (SAMPLE-1)",
    "",
    "Fewer buyers are turned away at the card form (SAMPLE-2)",
    "Ship the dark admin theme",
)
MERCHANTS_GOALS = (
    "Set up the shop wizard",
    "Shop wizard, part two",
    "A merchant can set up a shop",
    "Merchants put their first product up without help",
    "Half of the new shops have a product on the first day (SAMPLE-4)",
    "New shops sell on the day they sign up (SAMPLE-4)",
    "",
    "New shops sell on the day they sign up, and ask us less (SAMPLE-4, SAMPLE-5)",
    "New shops sell on their first day: from 40 % to 44 % by the end (SAMPLE-4)",
)
TITLES = ("part one", "part two", "part three", "clean-up")
