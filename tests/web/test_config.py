"""Settings: what they are without an environment, and that a wrong one is named."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from web.config import MEBIBYTE, ConfigError, read_config


def test_without_an_environment_everything_is_in_the_data_folder(tmp_path: Path) -> None:
    config = read_config({"GONGDAN_DATA": str(tmp_path)})
    assert config.database_url == f"sqlite:///{tmp_path}/gongdan.db"
    assert (config.host, config.port, config.secure_cookies) == ("127.0.0.1", 8000, False)
    assert config.max_file_bytes == 25 * MEBIBYTE


def test_a_relative_data_folder_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_config({"GONGDAN_DATA": "here"}).data_folder == tmp_path / "here"


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = read_config({"GONGDAN_DATA": str(tmp_path)}).secret_key
    assert read_config({"GONGDAN_DATA": str(tmp_path)}).secret_key == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_damaged_secret_key_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(ConfigError, match=r"GONGDAN_SECRET_KEY.*remove it"):
        read_config({"GONGDAN_DATA": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GONGDAN_PORT", "0"),
        ("GONGDAN_PORT", "eighty"),
        ("GONGDAN_PORT", "65536"),
        ("GONGDAN_PORT", "９０"),
        ("GONGDAN_THREADS", "9" * 5000),
        ("GONGDAN_MAX_FILE_MB", "-1"),
        ("GONGDAN_SECURE_COOKIES", "maybe"),
        ("GONGDAN_SECRET_KEY", "short"),
        ("GONGDAN_LOG_FORMAT", "xml"),
        ("GONGDAN_METRICS_TOKEN", "short"),
        ("GONGDAN_METRICS_TOKEN", "two words, though it is long"),
        ("GONGDAN_DATABASE_URL", "gongdan.db"),
        ("GONGDAN_DATABASE_URL", "mysql://localhost/gongdan"),
        ("GONGDAN_DATABASE_URL", "sqlite:///relative.db"),
        ("GONGDAN_DATABASE_URL", "sqlite://"),
    ],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name}: "):
        read_config({"GONGDAN_DATA": str(tmp_path), name: value})


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"^GONGDAN_DATA: "):
        read_config({"GONGDAN_DATA": str(tmp_path / "file")})


@pytest.mark.parametrize(("said", "meant"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("", False)])
def test_yes_and_no_are_understood(tmp_path: Path, said: str, meant: bool) -> None:
    config = read_config({"GONGDAN_DATA": str(tmp_path), "GONGDAN_SECURE_COOKIES": said})
    assert config.secure_cookies is meant
