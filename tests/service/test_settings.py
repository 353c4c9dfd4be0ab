"""Settings come from the environment or from files, and a wrong one stops the start by its name."""

import stat
from pathlib import Path

import pytest

from integration.contract import Misconfigured
from integration.secrets import new_key
from service.installation import open_installation, open_vault
from service.settings import load


def test_without_any_variable_there_are_sensible_settings() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.database == "sqlite:///var/tieline.sqlite"


def test_the_data_directory_is_that_of_the_database_file_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_DATABASE_URL", "sqlite:////data/tieline.sqlite")
    assert load().folder == Path("/data")
    monkeypatch.setenv("TIELINE_DATA_DIR", "/keys")
    assert load().folder == Path("/keys")


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_PORT", "9000")
    assert load({"port": None}).port == 9000
    assert load({"port": 9001}).port == 9001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIELINE_PORT", "many"),
        ("TIELINE_PORT", "70000"),
        ("TIELINE_DATABASE_URL", "mysql://user:hunter2@host/db"),
        ("TIELINE_LOG_FORMAT", "xml"),
        ("TIELINE_PUBLIC_URL", "tieline.example.org"),
        ("TIELINE_KEEP_DELIVERIES_DAYS", "15"),
    ],
)
def test_a_wrong_value_stops_the_start_with_the_name_and_not_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as caught:
        load()
    assert caught.value.sentence.startswith(f"{name}: ")
    assert value not in caught.value.sentence


def test_every_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://tieline:hunter2@db/tieline\n")
    monkeypatch.setenv("TIELINE_DATABASE_URL_FILE", str(file))
    settings = load()
    assert settings.database == "postgresql://tieline:hunter2@db/tieline"
    assert "hunter2" not in repr(settings)


def test_a_file_that_cannot_be_read_stops_the_start_with_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_SECRET_KEY_FILE", "/nowhere/key")
    with pytest.raises(Misconfigured, match="TIELINE_SECRET_KEY_FILE"):
        load()


def test_the_first_start_makes_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    installation = open_installation({"data_dir": tmp_path})
    token = installation.vault.encrypt("secret")
    key = tmp_path / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert open_vault(installation.settings).decrypt(token) == "secret"
    installation.engine.dispose()


def test_a_key_of_the_settings_goes_before_the_generated_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIELINE_SECRET_KEY", new_key())
    open_vault(load({"data_dir": tmp_path}))
    assert not (tmp_path / "secret.key").exists()


def test_secrets_of_values_come_by_name_from_a_variable_or_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIELINE_VALUE_SECRETS", '{"METRICS": "s3cret"}')
    (tmp_path / "databases.json").write_text('{"WAREHOUSE": "sqlite:///x"}', encoding="utf-8")
    monkeypatch.setenv("TIELINE_VALUE_DATABASES_FILE", str(tmp_path / "databases.json"))
    found = load()
    assert found.value_access.secrets == {"METRICS": "s3cret"}
    assert found.value_access.databases == {"WAREHOUSE": "sqlite:///x"}
    assert "s3cret" not in f"{found!r}{found.value_access!r}"


@pytest.mark.parametrize("text", ["s3cret", "[1]", '{"A": 1}'])
def test_secrets_of_values_that_are_no_object_of_texts_are_refused_unseen(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TIELINE_VALUE_SECRETS", text)
    with pytest.raises(Misconfigured) as refused:
        load()
    assert "TIELINE_VALUE_SECRETS" in refused.value.sentence
    assert "s3cret" not in refused.value.sentence
