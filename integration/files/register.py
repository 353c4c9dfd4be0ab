"""The OKR register: objectives, key results, teams, cycles, rules and settings in one YAML file.

It says what a backlog file says in the sections of the same names; faults name the file's line and the mend."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from integration.files import conditions, scalars
from integration.files.faults import Fault, Refused, Wrong, kind_of, unknown_key
from integration.files.plan_models import (
    CycleIn,
    KeyResultIn,
    ObjectiveIn,
    RegisterSettingsIn,
    RegisterTeamIn,
    RuleIn,
    Section,
    TextOrNone,
)
from integration.files.plan_sections import REGISTER, known_names, read_plan
from integration.files.sections import Raw
from integration.files.source_models import SourceIn, read_sources, refuse_objectives_beside
from integration.files.value_models import ValueSourceIn, read_values
from integration.files.yaml_data import Lined, read_yaml
from integration.kr_values.definition import ValueSource
from integration.okr_sources.definition import Source
from mappings.calendar import Days
from mappings.model import Plan

SCHEMA = Path(__file__).with_name("register.schema.json")
_ACT = ("from", "name", "reason")


class RegisterIn(Section):
    """Objectives, key results, teams, cycles, rules and settings."""

    model_config = ConfigDict(title="OKR register")

    since: Annotated[
        str | None,
        PlainValidator(scalars.text),
        WithJsonSchema(
            {
                "type": ["string", "null"],
                "description": "From when this version holds, where that is earlier than its being applied: "
                "a day (2026-03-01) or a time with offset. Asks for name and reason.",
            }
        ),
    ] = Field(default=None, alias="from")
    name: Annotated[TextOrNone, Field(description="Who decided it.")] = None
    reason: Annotated[TextOrNone, Field(description="Why it holds from then.")] = None
    settings: RegisterSettingsIn | None = None
    rules: list[RuleIn] | None = Field(default=None, description="The first rule that matches wins.")
    teams: list[RegisterTeamIn] | None = None
    cycles: list[CycleIn] | None = None
    objectives: list[ObjectiveIn] | None = None
    key_results: list[KeyResultIn] | None = None
    sources: list[SourceIn] | None = Field(default=None, description="Where teams keep their OKRs, if not here.")
    values: list[ValueSourceIn] | None = Field(default=None, description="Where values of key results are read.")


class Version(NamedTuple):
    """One version of the register as its file states it; `since` None: from the moment it is applied."""

    plan: Plan
    since: datetime | None
    name: str | None
    reason: str | None
    sources: tuple[Source, ...] = ()  # where teams keep their OKRs, if not in the file
    values: tuple[ValueSource, ...] = ()  # where values of key results are read


def read_version(source: Path | bytes) -> Version:
    """Read a register with what it says of itself; raise `Refused` with one line per fault."""
    name, text = _read(source)
    lined = read_yaml(text, name)
    if not isinstance(lined.data, dict):
        raise Refused((f"{name}:1: must hold sections such as objectives and key_results, not {kind_of(lined.data)}",))
    raw = Raw(lined.data, list(lined.faults))
    keys = [field.alias or key for key, field in RegisterIn.model_fields.items()]
    raw.faults.extend(Fault((key,), unknown_key(key, keys)) for key in lined.data if key not in keys)
    sources = read_sources(raw)
    plan = read_plan(raw, known_names(raw)._replace(is_whole=not sources), REGISTER)
    refuse_objectives_beside(raw, sources)
    codes = None if sources else frozenset(kr.code for kr in plan.key_results)
    values = read_values(raw, codes, plan.settings.time_zone)
    version = _version(raw, plan)._replace(sources=sources, values=values)
    if raw.faults:
        raise Refused(_in_order_of_lines(name, lined, raw.faults))
    return version


def register_schema() -> dict[str, object]:
    """The JSON Schema of a register, for editors."""
    schema = RegisterIn.model_json_schema(by_alias=True)
    schema["$defs"]["When"] = conditions.WHEN_SCHEMA
    schema["$defs"]["RuleIn"]["properties"]["when"] = {"$ref": "#/$defs/When"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    return json.dumps(register_schema(), indent=2, sort_keys=True) + "\n"


def _read(source: Path | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "register", source
    try:
        return source.name, source.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such name"
        raise Refused((f"{source.name}: cannot be read ({reason})",)) from None


def _version(raw: Raw, plan: Plan) -> Version:
    """An earlier `from` changes figures that people have seen: it is an act with name and reason."""
    stated = {key: _stated(raw, key) for key in _ACT}
    since = _since(raw, stated["from"], plan)
    if stated["from"] is not None:
        raw.faults.extend(
            Fault((key,), "is missing; a version that holds from a stated moment says who decided it and why")
            for key in ("name", "reason")
            if not (stated[key] or "").strip()
        )
    return Version(plan, since, stated["name"], stated["reason"])


def _stated(raw: Raw, key: str) -> str | None:
    value = raw.data.get(key)
    try:
        return None if value is None else scalars.text(value)
    except Wrong as wrong:
        raw.faults.extend(wrong.at(key))
        return None


def _since(raw: Raw, stated: str | None, plan: Plan) -> datetime | None:
    if stated is None:
        return None
    try:
        if len(stated) == len("2026-03-01"):
            return Days(ZoneInfo(plan.settings.time_zone)).start(scalars.day(stated))
        return scalars.moment(stated)
    except Wrong as wrong:
        raw.faults.extend(wrong.at("from"))
        return None


def _in_order_of_lines(name: str, lined: Lined, faults: list[Fault]) -> tuple[str, ...]:
    lines = sorted((lined.line_of(fault.steps), number, fault) for number, fault in enumerate(faults))
    return tuple(f"{name}:{line}: {fault.line}" for line, _, fault in lines)
