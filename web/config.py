"""Owns the settings of an installation: one frozen object, read from the environment when the program starts."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path

import sqlalchemy as sa

from tickets.connectors.sealing import Keyring
from tickets.organising.sessions import Lifetime
from web.logs import FORMATS
from web.post.allowed import NOTHING, Allowed
from web.post.smtp import Server, read_server

MEBIBYTE = 1024 * 1024


class ConfigError(Exception):
    """A setting can't be used; the text names the variable and says what it accepts."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Config:
    """What an operator decides; sizes in bytes, `data_folder` absolute.

    A session ends `session_hours` after signing in, and after `session_idle_hours` without a click.
    """

    data_folder: Path
    database_url: str
    secret_key: str
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    max_file_bytes: int = 25 * MEBIBYTE
    max_request_bytes: int = 60 * MEBIBYTE
    secure_cookies: bool = False
    trusted_proxies: int = 0
    session_hours: int = 72
    session_idle_hours: int = 24
    base_url: str = ""
    smtp: Server | None = None
    mail_from: str = ""
    private_addresses: bool = False
    connector_hosts: Allowed = NOTHING
    encryption_keys: tuple[str, ...] = ()
    log_format: str = "auto"
    metrics_token: str = ""
    demo: bool = False
    """Whether it was started with `--demo`; no setting of the environment does that."""

    @property
    def session_lifetime(self) -> Lifetime:
        """How long one stays signed in."""
        return Lifetime(idle=timedelta(hours=self.session_idle_hours), absolute=timedelta(hours=self.session_hours))

    @property
    def keyring(self) -> Keyring:
        """What seals and opens connectors' secrets: the keys of their own, else the one of the sessions."""
        return Keyring.of(*self.encryption_keys, self.secret_key)

    @property
    def site(self) -> str:
        """Where people reach the pages."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def files_folder(self) -> Path:
        """Where uploaded files are kept, outside anything that is served."""
        return self.data_folder / "files"


SETTINGS: Mapping[str, str] = {
    "GONGDAN_DATA": "the folder for the database, the files and the secret key (var)",
    "GONGDAN_DATABASE_URL": "sqlite:////srv/gongdan.db or postgresql://user:secret@host/name (SQLite there)",
    "GONGDAN_SECRET_KEY": "what signs the session cookies, 32 characters or more (made once, in the data folder)",
    "GONGDAN_HOST": "the address to listen on (127.0.0.1)",
    "GONGDAN_PORT": "the port to listen on (8000)",
    "GONGDAN_THREADS": "requests served at once (8)",
    "GONGDAN_MAX_FILE_MB": "the largest file that may be uploaded, in MB (25)",
    "GONGDAN_MAX_REQUEST_MB": "the largest request, so all files of a form together, in MB (60)",
    "GONGDAN_SECURE_COOKIES": "yes when the pages are served over https (no)",
    "GONGDAN_TRUSTED_PROXIES": "how many proxies in front set X-Forwarded-For and X-Forwarded-Proto (0)",
    "GONGDAN_SESSION_HOURS": "how long one stays signed in (72)",
    "GONGDAN_SESSION_IDLE_HOURS": "how long one stays signed in without a click (24)",
    "GONGDAN_BASE_URL": "where people reach the pages, for links in mails and messages (http://host:port)",
    "GONGDAN_SMTP_URL": "the mail server: smtp://, smtps:// or smtp+starttls://user:password@host:port (none)",
    "GONGDAN_MAIL_FROM": "whom mails come from, such as Gongdan <gongdan@example.com> (gongdan@host)",
    "GONGDAN_PRIVATE_ADDRESSES": "yes if messages may go to addresses inside your own network (no)",
    "GONGDAN_CONNECTOR_HOSTS": "hosts and networks inside your own that processes may call, with commas (none)",
    "GONGDAN_ENCRYPTION_KEY": "what seals connectors' secrets; the old one after a comma while changing (secret key)",
    "GONGDAN_LOG_FORMAT": "json, console, or auto: readable in a terminal, JSON elsewhere (auto)",
    "GONGDAN_METRICS_TOKEN": "what Prometheus sends to read /metrics; without it only this machine may (none)",
}
"""Every variable and what it means, with its default; `gongdan run --help` shows them."""


def read_config(environment: Mapping[str, str] | None = None) -> Config:
    """The settings of this process; makes the data folder and, once, a secret key in it. Raises ConfigError."""
    env = os.environ if environment is None else environment
    folder = _data_folder(env)
    return Config(
        data_folder=folder,
        database_url=_database_url(env, folder),
        secret_key=_secret_key(env, folder),
        host=env.get("GONGDAN_HOST") or "127.0.0.1",
        port=_whole(env, "GONGDAN_PORT", 8000, least=1, most=65535),
        threads=_whole(env, "GONGDAN_THREADS", 8, least=1, most=256),
        max_file_bytes=_whole(env, "GONGDAN_MAX_FILE_MB", 25, least=1, most=2048) * MEBIBYTE,
        max_request_bytes=_whole(env, "GONGDAN_MAX_REQUEST_MB", 60, least=1, most=4096) * MEBIBYTE,
        secure_cookies=_flag(env, "GONGDAN_SECURE_COOKIES"),
        trusted_proxies=_whole(env, "GONGDAN_TRUSTED_PROXIES", 0, least=0, most=9),
        session_hours=_whole(env, "GONGDAN_SESSION_HOURS", 72, least=1, most=24 * 365),
        session_idle_hours=_whole(env, "GONGDAN_SESSION_IDLE_HOURS", 24, least=1, most=24 * 365),
        base_url=_base_url(env),
        smtp=_smtp(env),
        mail_from=_mail_from(env),
        private_addresses=_flag(env, "GONGDAN_PRIVATE_ADDRESSES"),
        connector_hosts=_connector_hosts(env),
        encryption_keys=_encryption_keys(env),
        log_format=_log_format(env),
        metrics_token=_metrics_token(env),
    )


def _data_folder(env: Mapping[str, str]) -> Path:
    folder = Path(env.get("GONGDAN_DATA") or "var").expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError("GONGDAN_DATA", f"{path} can't be written: {error.strerror}. Name a folder you may write to.")


def _database_url(env: Mapping[str, str], folder: Path) -> str:
    name = "GONGDAN_DATABASE_URL"
    given = env.get(name)
    if not given:
        return f"sqlite:///{folder / 'gongdan.db'}"
    try:
        url = sa.make_url(given)
    except sa.exc.ArgumentError as error:
        raise ConfigError(name, "not a database address; write postgresql://user:password@host/gongdan.") from error
    kind = url.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise ConfigError(name, f"{kind} is not supported; use sqlite or postgresql.")
    if kind == "sqlite" and not (url.database and Path(url.database).is_absolute()):
        raise ConfigError(name, "SQLite needs an absolute path, with four slashes: sqlite:////srv/gongdan.db.")
    return given


def _base_url(env: Mapping[str, str]) -> str:
    given = (env.get("GONGDAN_BASE_URL") or "").strip().rstrip("/")
    if given and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", given):
        raise ConfigError("GONGDAN_BASE_URL", "not the address of a site; write https://gongdan.example.com.")
    return given


def _smtp(env: Mapping[str, str]) -> Server | None:
    given = (env.get("GONGDAN_SMTP_URL") or "").strip()
    try:
        return read_server(given) if given else None
    except ValueError as error:
        raise ConfigError("GONGDAN_SMTP_URL", f"not a mail server: {error}.") from None  # it may hold a password


def _mail_from(env: Mapping[str, str]) -> str:
    given = (env.get("GONGDAN_MAIL_FROM") or "").strip()
    if given and ("@" not in parseaddr(given)[1] or not given.isprintable()):
        raise ConfigError("GONGDAN_MAIL_FROM", "not a mail address; write Gongdan <gongdan@example.com>.")
    return given


def _connector_hosts(env: Mapping[str, str]) -> Allowed:
    try:
        return Allowed.read(env.get("GONGDAN_CONNECTOR_HOSTS") or "")
    except ValueError as error:
        raise ConfigError("GONGDAN_CONNECTOR_HOSTS", f"{error}.") from None


def _encryption_keys(env: Mapping[str, str]) -> tuple[str, ...]:
    given = [part.strip() for part in (env.get("GONGDAN_ENCRYPTION_KEY") or "").split(",")]
    keys = tuple(part for part in given if part)
    if any(len(key) < 32 for key in keys):
        raise ConfigError("GONGDAN_ENCRYPTION_KEY", "too short; use 32 random characters or more, or leave it out.")
    return keys


def _log_format(env: Mapping[str, str]) -> str:
    given = (env.get("GONGDAN_LOG_FORMAT") or "auto").strip().lower()
    if given not in FORMATS:
        raise ConfigError("GONGDAN_LOG_FORMAT", f"“{given[:40]}” is none of {', '.join(FORMATS)}.")
    return given


def _metrics_token(env: Mapping[str, str]) -> str:
    given = (env.get("GONGDAN_METRICS_TOKEN") or "").strip()
    if given and not re.fullmatch(r"[\x21-\x7e]{16,512}", given):
        raise ConfigError("GONGDAN_METRICS_TOKEN", "not fit; use 16 random letters and digits or more.")
    return given


def _secret_key(env: Mapping[str, str], folder: Path) -> str:
    given = env.get("GONGDAN_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise ConfigError("GONGDAN_SECRET_KEY", "too short; use 32 random characters or more, or leave it out.")
        return given
    path = folder / "secret_key"
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        kept = path.read_text().strip()
    except OSError as error:
        raise _unwritable(path, error) from error
    if len(kept) < 32:
        raise ConfigError(
            "GONGDAN_SECRET_KEY", f"{path} is damaged; remove it, and a new one is made (all sign in anew)."
        )
    return kept


def _write_once(path: Path, text: str) -> None:
    """Of several processes that start at once one writes it; none ever reads half of it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # its mode is 0600
        file.write(text)
        file.flush()
        with suppress(FileExistsError):
            path.hardlink_to(file.name)


def _whole(env: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    given = env.get(name)
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and least <= int(given[:12]) <= most):
        raise ConfigError(name, f"“{given[:40]}” is not a whole number between {least} and {most}.")
    return int(given)


def _flag(env: Mapping[str, str], name: str) -> bool:
    given = env.get(name, "").strip().lower()
    if given in ("1", "yes", "true", "on"):
        return True
    if given in ("", "0", "no", "false", "off"):
        return False
    raise ConfigError(name, f"“{given[:40]}” is neither yes nor no.")
