"""The company's OKR register for two quarters, as people would write it down in YAML."""

import yaml

from simulator.company.key_results import KEY_RESULTS, Metric, YesOrNo
from simulator.company.moments import CYCLE_DAYS, CYCLE_STARTS, Calendar

NOW, BEFORE = "FY-Q4", "FY-Q3"
# Days on which key results were measured, and how much of the way was done then, in percent.
MEASURED = ((-47, 0), (-45, 5), (-31, 20), (-17, 35), (-3, 50))


TEAMS: tuple[dict[str, object], ...] = (
    {"name": "Payments"},
    {"name": "Checkout", "parent": "Payments", "split": {"primary": 80, "secondary": 20, "exploration": 0}},
    # Meant to explore; in truth two thirds of the aligned work of each sprint is primary.
    {"name": "Onboarding", "parent": "Payments", "split": {"primary": 30, "secondary": 30, "exploration": 40}},
    {"name": "Money movement"},
    {"name": "Ledger", "parent": "Money movement", "split": {"primary": 30, "secondary": 30, "exploration": 40}},
    {"name": "Risk", "parent": "Money movement"},
    {"name": "Merchant"},
    {"name": "Operations"},
    {"name": "Finance"},
    {"name": "People"},
)

OBJECTIVES: tuple[tuple[str, str, str, str, str | None], ...] = (
    ("Q3-O-1", "Paying works in every country we serve", "Checkout", BEFORE, "primary"),
    ("Q3-O-2", "Signing up is no obstacle", "Onboarding", BEFORE, "primary"),
    ("Q3-O-3", "The ledger can be trusted", "Ledger", BEFORE, "primary"),
    ("Q3-O-4", "Fraud is seen early", "Risk", BEFORE, None),
    ("Q3-O-5", "Merchants know where they stand", "Merchant", BEFORE, None),
    ("Q3-O-6", "Disputes end well", "Operations", BEFORE, None),
    ("O-11", "Card payments simply work", "Checkout", NOW, "primary"),
    ("O-12", "Shoppers stay to the end", "Checkout", NOW, "secondary"),
    ("O-21", "New shops sell from the first day", "Onboarding", NOW, "primary"),
    ("O-22", "Identity checks feel easy", "Onboarding", NOW, "secondary"),
    ("O-23", "New shops stay", "Onboarding", NOW, "exploration"),
    ("O-31", "Payouts need no hands", "Ledger", NOW, "primary"),
    ("O-32", "Balances explain themselves", "Ledger", NOW, "secondary"),
    ("O-33", "Payouts arrive", "Ledger", NOW, "exploration"),
    ("O-41", "Fraud does not pay, honest people do", "Risk", NOW, None),
    ("O-51", "Merchants run their day from our reports", "Merchant", NOW, None),
    ("O-61", "Disputes are settled fast and fair", "Operations", NOW, None),
    # Nine key results and four objectives each: Finance and People own aims, but no board.
    ("O-71", "Money is where it is needed", "Finance", NOW, None),
    ("O-72", "Merchants trust our prices", "Finance", NOW, None),
    ("O-73", "Closing the month is calm", "Finance", NOW, None),
    ("O-74", "Auditors find order", "Finance", NOW, None),
    ("O-81", "People grow with us", "People", NOW, None),
    ("O-82", "New colleagues are at home soon", "People", NOW, None),
    ("O-83", "Teams decide for themselves", "People", NOW, None),
    ("O-84", "Work leaves room for life", "People", NOW, None),
)


def register(calendar: Calendar, exempt_epic: str) -> dict[str, object]:
    """Teams, cycles, objectives, key results and rules as plain data, in the words of a backlog file."""
    start = calendar.day(CYCLE_STARTS)
    return {
        "rules": rules(calendar, exempt_epic),
        "teams": list(TEAMS),
        "cycles": [
            _cycle(calendar, BEFORE, CYCLE_STARTS - CYCLE_DAYS),
            _cycle(calendar, NOW, (start - calendar.today).days),
        ],
        "objectives": [
            {"id": i, "title": t, "team": team, "cycle": cycle, **({"horizon": horizon} if horizon else {})}
            for i, t, team, cycle, horizon in OBJECTIVES
        ],
        "key_results": [_metric(calendar, kr) if isinstance(kr, Metric) else _yes_or_no(kr) for kr in KEY_RESULTS],
    }


def rules(calendar: Calendar, exempt_epic: str) -> list[dict[str, object]]:
    return [
        {"when": {"label": "support"}, "then": "exempt", "reason": "Support is not planned by OKRs"},
        {
            "when": {"ancestor": exempt_epic},
            "then": "exempt",
            "reason": "The regulator asks for it",
            "until": calendar.day(60).isoformat(),
        },
        {
            "when": {"all": [{"project": "OPS"}, {"label": "chargebacks"}]},
            "then": ["KR-62"],
            "reason": "Every chargeback letter serves the win rate",
            "from": calendar.day(CYCLE_STARTS).isoformat(),
        },
    ]


def as_yaml(data: dict[str, object]) -> str:
    head = (
        "# The OKR register of the demo's fictitious company. It was made for the day on which the demo was started.\n"
    )
    return head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)


def _cycle(calendar: Calendar, identity: str, starts: int) -> dict[str, object]:
    first, last = calendar.day(starts), calendar.day(starts + CYCLE_DAYS - 1)
    return {"id": identity, "start": first.isoformat(), "end": last.isoformat()}


def _yes_or_no(kr: YesOrNo) -> dict[str, object]:
    return {
        "code": kr.code,
        "objective": kr.objective,
        "title": kr.title,
        "kind": "binary",
        "confidence": kr.confidence,
    }


def _metric(calendar: Calendar, kr: Metric) -> dict[str, object]:
    body: dict[str, object] = {
        "code": kr.code,
        "objective": kr.objective,
        "title": kr.title,
        "metric": kr.metric,
        "unit": kr.unit,
        "baseline": kr.baseline,
        "target": kr.target,
    }
    if kr.aliases:
        body["aliases"] = list(kr.aliases)
    if kr.supports:
        body["supports"] = list(kr.supports)
    if kr.cadence_days is not None:
        body["cadence_days"] = kr.cadence_days
    shift = 91 if kr.objective.startswith("Q3-") else 0
    body["values"] = [
        {"at": calendar.at(day - shift, 6).isoformat().replace("+00:00", "Z"), "value": _value(kr, day)}
        for day in kr.days
    ]
    return {name: value for name, value in body.items() if value is not None}


def _value(kr: Metric, day: int) -> float:
    """So much of the way as was done by that day; without one end, a way of ten from the other."""
    start = kr.baseline if kr.baseline is not None else (kr.target or 0) - 10
    end = kr.target if kr.target is not None else start + 10
    percent = dict(MEASURED).get(day, 40) if kr.moves else 0
    return round(start + (end - start) * percent / 100, 3)
