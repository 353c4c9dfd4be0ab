"""The key results of the company's two quarters; what was planted among them is said beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A key result with its way from `baseline` to `target`. `moves` False: every value is the baseline.
    `days`: only these of the days of measuring."""

    code: str
    objective: str
    title: str
    metric: str
    unit: str
    baseline: float | None
    target: float | None
    moves: bool = True
    days: tuple[int, ...] = (-47, -45, -31, -17, -3)
    aliases: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    cadence_days: int | None = None


@dataclass(frozen=True, slots=True)
class YesOrNo:
    code: str
    objective: str
    title: str
    confidence: float


KEY_RESULTS: tuple[Metric | YesOrNo, ...] = (
    Metric(
        "Q3-KR-11",
        "Q3-O-1",
        "Payments abandoned for want of a local method fall from 9 % to 5 %",
        "missing-method exits",
        "%",
        9,
        5,
    ),
    Metric(
        "Q3-KR-21",
        "Q3-O-2",
        "Merchants who finish signing up rise from 48 % to 60 %",
        "sign-up completion",
        "%",
        48,
        60,
    ),
    Metric(
        "Q3-KR-22", "Q3-O-2", "Median time to a signed contract falls from 6 to 3 days", "contract time", "days", 6, 3
    ),
    Metric(
        "Q3-KR-31",
        "Q3-O-3",
        "Ledger differences found by customers fall from 14 to 5 a month",
        "customer-found differences",
        "a month",
        14,
        5,
    ),
    Metric("Q3-KR-41", "Q3-O-4", "Fraud seen within a day rises from 55 % to 75 %", "same-day detection", "%", 55, 75),
    Metric(
        "Q3-KR-51",
        "Q3-O-5",
        "Merchants who open their account page weekly rise from 30 % to 45 %",
        "weekly account visits",
        "%",
        30,
        45,
    ),
    Metric(
        "Q3-KR-61",
        "Q3-O-6",
        "Disputes settled within 10 days rise from 50 % to 70 %",
        "ten-day settlements",
        "%",
        50,
        70,
    ),
    Metric(
        "KR-11",
        "O-11",
        "Card payments that succeed on the first try rise from 91 % to 96 %",
        "first-try success rate",
        "%",
        91,
        96,
        supports=("KR-76",),
    ),
    Metric(
        "KR-12",
        "O-12",
        "Shoppers who abandon the payment page fall from 18 % to 12 %",
        "page abandonment rate",
        "%",
        18,
        12,
    ),
    Metric(
        "KR-21",
        "O-21",
        "New shops with a first payment within 24 hours rise from 35 % to 60 %",
        "first-day activation",
        "%",
        35,
        60,
        supports=("KR-76",),
    ),
    Metric(
        "KR-22",
        "O-22",
        "Shops that pass identity checks without contacting support rise from 70 % to 85 %",
        "unaided check rate",
        "%",
        70,
        85,
    ),
    Metric(
        "KR-23", "O-23", "Shops still active after 30 days rise from 55 % to 65 %", "thirty-day survival", "%", 55, 65
    ),
    # Stuck although nearly half of Ledger's work goes there: planted.
    Metric(
        "KR-31",
        "O-31",
        "Payouts reconciled without manual work rise from 80 % to 95 %",
        "hands-free share",
        "%",
        80,
        95,
        moves=False,
    ),
    Metric(
        "KR-32",
        "O-32",
        "Median time to explain a balance difference falls from 72 to 24 hours",
        "explanation time",
        "hours",
        72,
        24,
    ),
    Metric(
        "KR-33", "O-33", "Failed payouts per thousand fall from 9 to 4", "payout failure rate", "per thousand", 9, 4
    ),
    Metric("KR-41", "O-41", "Fraudulent payments per 10,000 fall from 12 to 6", "fraud rate", "per 10,000", 12, 6),
    Metric(
        "KR-42", "O-41", "Honest payments blocked by mistake fall from 1.8 % to 1 %", "false-alarm rate", "%", 1.8, 1
    ),
    Metric(
        "KR-43",
        "O-41",
        "Median time of a manual risk review falls from 40 to 15 minutes",
        "review time",
        "minutes",
        40,
        15,
    ),
    # Stuck although nearly a third of Merchant's work goes there: planted.
    Metric(
        "KR-51",
        "O-51",
        "Merchants who use the weekly report rise from 20 % to 45 %",
        "weekly report use",
        "%",
        20,
        45,
        moves=False,
    ),
    Metric(
        "KR-52",
        "O-51",
        "Merchant satisfaction with refunds rises from 3.4 to 4.2 of 5",
        "refund satisfaction",
        "of 5",
        3.4,
        4.2,
    ),
    Metric(
        "KR-53",
        "O-51",
        "Refund questions answered within an hour rise from 50 % to 80 %",
        "one-hour answers",
        "%",
        50,
        80,
    ),
    Metric(
        "KR-61", "O-61", "Disputes settled within 5 days rise from 60 % to 85 %", "five-day settlements", "%", 60, 85
    ),
    Metric("KR-62", "O-61", "Chargebacks won rise from 30 % to 45 %", "chargeback win rate", "%", 30, 45),
    # Finance.
    Metric(
        "KR-71",
        "O-71",
        "Invoices paid within 14 days rise from 62 % to 80 %",
        "prompt-payment share",
        "%",
        62,
        80,
        days=(-47, -45, -31, -20),
    ),
    Metric("KR-72", "O-71", "Suppliers who rate our payments good rise to 90 %", "supplier rating", "%", None, 90),
    YesOrNo("KR-73", "O-71", "The central bank renews our licence", 0.7),
    Metric(
        "KR-74", "O-71", "Ship the new budgeting tool to 8 departments", "departments shipped to", "departments", 0, 8
    ),
    Metric("KR-75", "O-71", "Reach 20,000 newsletter followers", "followers", "followers", 9000, 20000),
    Metric(
        "KR-76",
        "O-71",
        "Merchants who renew their contract rise from 84 % to 90 %",
        "renewal rate",
        "%",
        84,
        90,
        aliases=("retention",),
    ),
    Metric("KR-77", "O-72", "Merchants who call our prices fair rise from 58 % to 70 %", "price fairness", "%", 58, 70),
    Metric("KR-78", "O-73", "Median days to close the month fall from 9 to 5", "closing time", "days", 9, 5),
    Metric("KR-79", "O-74", "Audit findings that come back fall from 11 to 3", "returning findings", "findings", 11, 3),
    # People.
    Metric(
        "KR-81",
        "O-81",
        "Employees who moved to a role they wanted rise from 8 % to 15 %",
        "internal mobility",
        "%",
        8,
        15,
        days=(-47, -45, -31, -17, -10),
        cadence_days=7,
    ),
    Metric(
        "KR-82",
        "O-81",
        "Employees who see a future for themselves here rise from 61 %",
        "future confidence",
        "%",
        61,
        None,
    ),
    YesOrNo("KR-83", "O-81", "The works council agrees to the four-day week", 0.5),
    Metric("KR-84", "O-81", "Publish 12 articles on our careers page", "articles published", "articles", 0, 12),
    Metric("KR-85", "O-81", "Get 50,000 views of our company videos", "video views", "views", 12000, 50000),
    Metric(
        "KR-86",
        "O-81",
        "Employees who leave within a year fall from 16 % to 9 %",
        "first-year leavers",
        "%",
        16,
        9,
        aliases=("retention",),
    ),
    Metric(
        "KR-87",
        "O-82",
        "New colleagues who feel productive after 30 days rise from 45 % to 70 %",
        "thirty-day confidence",
        "%",
        45,
        70,
    ),
    # Measured once a month by agreement, so that three weeks without a value are no fault.
    Metric(
        "KR-88",
        "O-83",
        "Decisions that wait for a manager fall from 40 % to 20 %",
        "waiting decisions",
        "%",
        40,
        20,
        days=(-47, -20),
        cadence_days=30,
    ),
    Metric(
        "KR-89",
        "O-84",
        "Employees who work late more than once a week fall from 30 % to 15 %",
        "late-work share",
        "%",
        30,
        15,
    ),
)
