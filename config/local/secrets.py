"""Which passwords and keys does this checkout use? Made once, kept in `var/secrets.json`."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from config.local.places import make, write_private
from config.local.problem import Problem


def _password() -> str:
    return secrets.token_hex(24)  # hexadecimal: safe in URLs and configuration files without quoting


def _field_key() -> str:
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Secrets:
    """Everything that must stay secret; a field missing in an older file is made anew."""

    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    field_keys: str = field(default_factory=_field_key)
    superuser_password: str = field(default_factory=_password)
    owner_password: str = field(default_factory=_password)
    app_password: str = field(default_factory=_password)
    valkey_password: str = field(default_factory=_password)
    sandbox_token: str = field(default_factory=_password)
    sandbox_smtp_password: str = field(default_factory=_password)


def load_or_make(path: Path) -> Secrets:
    """The secrets in `path`, made at the first call. Raises Problem if the file is damaged."""
    known: dict[str, str] = {}
    if path.exists():
        try:
            known = json.loads(path.read_text())
            found = Secrets(**{f.name: known[f.name] for f in fields(Secrets) if f.name in known})
        except (ValueError, TypeError) as error:
            raise Problem(f"{path} is damaged ({error}). Put it back: the database was made with it.") from error
    else:
        make(path.parent, 0o711)
        found = Secrets()
    if asdict(found) != known:
        write_private(path, json.dumps(asdict(found), indent=1))
    return found
