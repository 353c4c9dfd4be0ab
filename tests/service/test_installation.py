"""What a first start makes."""

import gc
from pathlib import Path

import pytest

from integration.store.engine import writing
from service.installation import open_installation


def test_the_data_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    installation = open_installation({"data_dir": tmp_path / "data"})
    installation.engine.dispose()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_the_database_is_for_its_owner_alone_in_a_folder_that_is_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    installation = open_installation({"data_dir": tmp_path})
    with writing(installation.engine) as session:
        session.connection().exec_driver_sql("CREATE TABLE more (id INTEGER)")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("tieline.sqlite*")}
    installation.engine.dispose()
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3


def test_a_database_that_others_can_read_is_said_and_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o755)
    open_installation({"data_dir": tmp_path}).engine.dispose()
    assert "others can read the database" not in caplog.text
    (tmp_path / "tieline.sqlite").chmod(0o644)
    open_installation({"data_dir": tmp_path}).engine.dispose()
    assert "others can read the database: chmod 600 keeps it private" in caplog.text
    assert (tmp_path / "tieline.sqlite").stat().st_mode & 0o777 == 0o644


def test_whoever_opens_an_installation_looks_for_garbage_rarely(tmp_path: Path) -> None:
    before = gc.get_threshold()
    try:
        open_installation({"data_dir": tmp_path}).engine.dispose()
        assert gc.get_threshold()[0] == 10_000
    finally:
        gc.set_threshold(*before)
