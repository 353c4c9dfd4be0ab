"""What a first start makes."""

from pathlib import Path

from service.installation import open_installation


def test_the_data_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    installation = open_installation({"data_dir": tmp_path / "data"})
    installation.engine.dispose()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
