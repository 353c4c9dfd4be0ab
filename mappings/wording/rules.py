"""The rules of the judge, as data: each names what it finds, for which labels that speaks, and the sentence shown.

How a row is written is said in `patterns`. Tags stand for words of five languages, so no rule knows a language.
"""

from mappings.wording.patterns import Pattern

PATTERNS: tuple[Pattern, ...] = (
    # --- a change of state -------------------------------------------------------------------
    Pattern(
        "metric_change",
        ("outcome",),
        "names a change in something that people or the service feel",
        "UP|DOWN -6 METRIC|TIME / METRIC|TIME ~3 UP|DOWN|MORE|MUCH / MORE|MUCH ~2 METRIC|TIME / TIME ~5 FROM ~2 TO",
    ),
    Pattern(
        "quality_change",
        ("outcome",),
        "names an improvement that users or the business would feel, without saying by how much",
        "UP|DOWN -4 QUALITY / QUALITY BE? ~1 UP|DOWN|MORE|MUCH",
    ),
    Pattern(
        "key_result_change",
        ("outcome",),
        "says that a key result is to move",
        "UP|DOWN|REACH|KEEP ~2 KEYRESULT / KEYRESULT ~1 UP|DOWN|MORE|MUCH / KEYRESULT FROM|TO|LEVEL ~1 NUM|PERCENT / "
        "^ OTHER KEYRESULT FROM|TO|LEVEL ~1 NUM|PERCENT / ^ KEYRESULT OTHER $",
    ),
    Pattern("any_change", ("outcome",), "speaks of a change", "^ UP|DOWN / SOTHAT ~5 UP|DOWN / TO UP|DOWN"),
    Pattern("change_by", ("outcome",), "says by how much something is to change", "UP|DOWN ~8 PERCENT|TIMES|DURATION"),
    Pattern(
        "from_to",
        ("outcome",),
        "gives where it stands and where it is to go",
        "FROM ~1 NUM|PERCENT|DURATION|CASH ~2 TO ~1 NUM|PERCENT|DURATION|CASH / PERCENT ~1 TO PERCENT / "
        "DURATION ~1 TO LEVEL? DURATION",
    ),
    Pattern(
        "time_level",
        ("outcome",),
        "sets a time that is to be met",
        "LEVEL ~1 DURATION / LEVEL ~1 NUM|OTHER UNIT / NUM UNIT LEVEL / LEVEL UNIT",
    ),
    Pattern(
        "people_level",
        ("outcome",),
        "says how fast or how easily people get something done",
        "PEOPLE|CAN ~9 LEVEL ~1 DURATION|PERCENT / PEOPLE|CAN ~9 LEVEL ~1 NUM|OTHER UNIT / "
        "PEOPLE|CAN ~7 OTHER NUM|OTHER UNIT / CAN ~30 LEVEL NUM UNIT / CAN ~30 LEVEL DURATION",
    ),
    Pattern(
        "experience",
        ("outcome",),
        "describes how it is to feel for the people who use it",
        "SMOOTH ~3 QUALITY|ADOPT / ENABLE ~8 SMOOTH / PEOPLE ~4 SMOOTH / BE ~2 SMOOTH / SMOOTH SOTHAT",
    ),
    Pattern(
        "made_better",
        ("outcome",),
        "says that something becomes better",
        "BE ~5 MORE / ^ MORE / BE ~3 MUCH SMOOTH",
    ),
    Pattern(
        "metric_level",
        ("outcome",),
        "sets a level for a metric of use, quality or time",
        "METRIC|TIME ~4 LEVEL|REACH|TO|KEEP ~1 NUM|PERCENT|DURATION / PERCENT|NUM ~2 METRIC / "
        "METRIC PERCENT|NUM|DURATION / METRIC ~3 COLON LEVEL? NUM|PERCENT|DURATION",
    ),
    Pattern("metric", ("outcome",), "names a metric of use, quality or time", "METRIC"),
    Pattern(
        "share_of_people",
        ("outcome",),
        "says how many people are to do or be something",
        "PERCENT ~3 PEOPLE / LEVEL NUM ~2 PEOPLE / PERCENT|NUM ~2 PEOPLE ~2 FEEL|USE / PERCENT ~2 ADOPT / "
        "ADOPT ~4 PERCENT",
    ),
    Pattern(
        "adoption",
        ("outcome",),
        "speaks of people taking something up",
        "UP -3 PEOPLE|ADOPT / UP ~3 USE / PEOPLE ~3 FEEL",
    ),
    # --- why it is done ----------------------------------------------------------------------
    Pattern(
        "purpose_effect",
        ("outcome",),
        "says what the work is for",
        "SOTHAT ~7 UP|DOWN|MORE|MUCH|FEEL|METRIC|QUALITY|EFFECT|INSTEAD|WITHOUT / BY ~3 UP|DOWN ~3 METRIC|QUALITY",
    ),
    Pattern(
        "purpose_change", ("outcome",), "says which change the work is for", "TO UP|DOWN -5 METRIC|QUALITY|EFFECT|FEEL"
    ),
    Pattern(
        "purpose_people",
        ("outcome",),
        "says what people get out of it",
        "SOTHAT ~2 PEOPLE ~6 MORE|FEEL|QUALITY|INSTEAD|WITHOUT|METRIC",
    ),
    Pattern("purpose", (), "gives a purpose", "SOTHAT"),
    Pattern("instead", ("outcome",), "says what people no longer have to do", "INSTEAD"),
    Pattern(
        "without",
        ("outcome",),
        "names something that people are spared",
        "WITHOUT ~2 PEOPLE|USE|METRIC|FEEL|QUALITY|SUPPORT|ACTIVITY|VALIDATE|DO|OTHER",
    ),
    Pattern(
        "comparative",
        ("outcome",),
        "says that something gets better for somebody",
        "MORE / MUCH SMOOTH|FEEL|EFFECT|QUALITY",
    ),
    Pattern("people_feel", ("outcome",), "says what people will do, know or feel", "PEOPLE ~3 FEEL"),
    Pattern("people_effect", ("outcome",), "says how people are to feel about it", "CAN ~12 EFFECT"),
    Pattern(
        "belief_effect",
        ("outcome",),
        "the stated belief is an effect on people",
        "BELIEVE ~5 EFFECT|FEEL|QUALITY|METRIC",
    ),
    Pattern(
        "belief_artefact",
        ("output_only",),
        "the stated belief describes the thing, not an effect on people",
        "BELIEVE ~6 ARTEFACT",
    ),
    Pattern(
        "service_level",
        ("outcome",),
        "states a level of service",
        "SUPPORT ~3 NUM|PERCENT ~3 PEOPLE|OTHER / ARTEFACT|QUALITY ~4 LEVEL DURATION|PERCENT / SUPPORT ~3 LEVEL",
    ),
    # --- something to be found out -----------------------------------------------------------
    Pattern("question", ("learning",), "asks a question", "QMARK"),
    Pattern(
        "whole_question",
        ("learning",),
        "is a question from its first word",
        "^ WH|WHETHER|CAN|DO|BE|FINDOUT|IF ~40 QMARK / ^ OTHER PEOPLE ~40 QMARK",
    ),
    Pattern(
        "find_out",
        ("learning",),
        "says what is to be found out",
        "FINDOUT / WHETHER / LEARN ~2 WH|WHETHER|IF / DECIDE ~2 WH|WHETHER|IF",
    ),
    Pattern(
        "validate_doubt",
        ("learning",),
        "puts an assumption, a risk or a feasibility to the test",
        "VALIDATE|LEARN|DECIDE ~5 DOUBT / DOUBT ~4 VALIDATE / VALIDATE -4 QUALITY|METRIC|ADOPT|EFFECT",
    ),
    Pattern(
        "validate_people",
        ("learning",),
        "tests something with the people it is for",
        "VALIDATE -6 PEOPLE / VALIDATE -4 FEEL",
    ),
    Pattern("validate", (), "validates or tests something", "VALIDATE"),
    Pattern(
        "validate_own_work",
        ("output_only",),
        "checks one's own deliverable, which settles no question",
        "VALIDATE ~3 ARTEFACT|TASKS|MILESTONE|CODE",
    ),
    Pattern("doubt", ("learning",), "names a doubt, an assumption or an open question", "DOUBT"),
    Pattern("learn_first", ("learning",), "sets out to learn or identify something", "^ LEARN"),
    Pattern("decide", ("learning",), "names a decision to be made", "DECIDE"),
    Pattern("spike", ("learning",), "names a spike", "SPIKE"),
    Pattern(
        "research_purpose",
        ("learning",),
        "says what the research is to find out or inform",
        "RESEARCH ~5 TO|SOTHAT ~1 LEARN|FINDOUT|DECIDE|WH / RESEARCH ~3 WH|WHETHER",
    ),
    # --- things and tasks --------------------------------------------------------------------
    Pattern("deliver_first", ("output_only", "output"), "begins with a deliverable", "^ DELIVER|ENABLE ~1"),
    Pattern(
        "deliver",
        ("output_only", "output"),
        "names something to build, write, fix or ship",
        "DELIVER -4 ARTEFACT|TASKS|CODE",
    ),
    Pattern("deliver_verb", ("output_only", "output"), "speaks of delivering", "DELIVER"),
    Pattern("finish", ("output_only", "output"), "is about finishing work", "FINISH"),
    Pattern(
        "finish_tasks",
        ("output_only", "output"),
        "names backlog items to get through",
        "FINISH|DELIVER|WORK ~4 TASKS|ID / NUM ~2 TASKS / ID COMMA? AND? ID",
    ),
    Pattern("work", ("output_only", "activity"), "is about carrying on with work", "^ WORK"),
    Pattern(
        "artefact_change",
        ("output_only", "output"),
        "makes a thing larger or better, without saying what people notice of it",
        "UP|DOWN ~3 ARTEFACT|CODE $ / UP|DOWN ~2 ARTEFACT|CODE AND|COMMA|BY|SOTHAT|TO / UP ~3 CAN",
    ),
    Pattern("artefact", ("output_only", "output"), "names a thing, not what changes by it", "ARTEFACT"),
    Pattern("artefact_first", ("output_only", "output"), "begins with a thing", "^ ARTEFACT"),
    Pattern("counted_artefact", ("output",), "counts things that are made", "NUM ~2 ARTEFACT"),
    Pattern(
        "artefact_state",
        ("output",),
        "says that a thing exists or can do something",
        "ARTEFACT ~4 DONE|BE|SUPPORT|CAN / ^ OTHER SUPPORT|BE ~3 / BE DONE",
    ),
    Pattern("done", ("output",), "says that something is finished or in place", "DONE"),
    Pattern(
        "capability",
        ("output_only", "output"),
        "says what people will be able to do, not what will change",
        "PEOPLE ~2 CAN / ENABLE ~3 PEOPLE / PEOPLE BE CAN / CAN",
    ),
    Pattern(
        "code_metric",
        ("output_only", "output"),
        "measures the code, not what users feel",
        "UP|DOWN|REACH|KEEP ~5 CODE / CODE ~4 PERCENT|NUM / PERCENT ~2 CODE / NUM ~1 CODE",
    ),
    Pattern(
        "milestone",
        ("output_only",),
        "the purpose is another deliverable or milestone",
        "PREPARE / SOTHAT|TO ~4 MILESTONE / DONE ~2 MILESTONE / MILESTONE",
    ),
    Pattern(
        "skill",
        ("output_only",),
        "is about the team learning a tool",
        "^ LEARN ARTEFACT|OTHER $",
    ),
    Pattern(
        "research_activity", ("output_only", "activity"), "names research as an activity", "WORK|FINISH|DO ~4 RESEARCH"
    ),
    # --- key results -------------------------------------------------------------------------
    Pattern("money", ("impact_financial",), "is about money: the result of the business itself", "MONEY / CASH"),
    Pattern(
        "money_change",
        ("impact_financial",),
        "is about money: the result of the business itself",
        "UP|DOWN|REACH|KEEP -5 MONEY|CASH / MONEY ~4 CASH|PERCENT|NUM|UP",
    ),
    Pattern("vanity", ("vanity",), "counts attention, or grows by itself", "VANITY"),
    Pattern(
        "vanity_count",
        ("vanity",),
        "counts attention, or grows by itself",
        "NUM|PERCENT ~3 VANITY / VANITY ~5 NUM|PERCENT|TIMES / UP|REACH ~4 VANITY",
    ),
    Pattern(
        "activity_first",
        ("activity",),
        "begins with something to do, hold or attend",
        "^ DO|HIRE|RESEARCH / ^ NUM ~2 ACTIVITY",
    ),
    Pattern("activity", ("activity", "output_only"), "names an effort or a ceremony", "ACTIVITY / DO ~4 PEOPLE|STAFF"),
    Pattern(
        "counted_activity",
        ("activity",),
        "counts efforts",
        "NUM|PERCENT ~4 ACTIVITY|HIRE / DO ~2 NUM ~3 RESEARCH|ACTIVITY|PEOPLE",
    ),
    Pattern("hire", ("activity",), "is about hiring or staffing", "HIRE"),
    Pattern(
        "learn_activity",
        ("activity",),
        "is about finding out or deciding, not about what changes",
        "^ LEARN|DECIDE|WORK",
    ),
    Pattern("binary", ("binary",), "is one event that happens or not, outside the team's own delivery", "BINARY"),
    Pattern(
        "binary_event",
        ("binary",),
        "is one event that happens or not, outside the team's own delivery",
        "REACH|BE|DONE ~3 BINARY / ^ BINARY / BINARY BY",
    ),
    Pattern("best", ("outcome",), "states how users or the market are to see it", "BE|UP|REACH ~4 BEST / BEST"),
    Pattern(
        "active_use", ("outcome",), "counts people who use it", "NUM|PERCENT ~4 USE / PEOPLE ~2 USE / NUM ~2 PEOPLE"
    ),
)
# Those that name an outcome by themselves, whatever else stands beside them.
STRONG: frozenset[str] = frozenset(
    {
        "metric_change",
        "key_result_change",
        "quality_change",
        "from_to",
        "people_level",
        "experience",
        "made_better",
        "metric_level",
        "share_of_people",
        "adoption",
        "purpose_effect",
        "purpose_change",
        "purpose_people",
        "belief_effect",
        "change_by",
        "people_feel",
    }
)
