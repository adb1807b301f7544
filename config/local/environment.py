"""Which environment variables does the product get? What the person has set wins over what we make."""

import os

from config.local.secrets import Secrets
from config.local.servers import Urls


def for_product(urls: Urls, secrets: Secrets) -> dict[str, str]:
    """The variables that every process of the product needs, on top of our own environment."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.secret_key,
        "FIELD_KEYS": secrets.field_keys,
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        **os.environ,
        "DATABASE_URL": urls.database,
        "DATABASE_OWNER_URL": urls.owner,
        "REDIS_URL": urls.redis,
        "PYTHONUNBUFFERED": "1",
    }
    return ours


def as_owner(environment: dict[str, str]) -> dict[str, str]:
    """The same, for a command that changes tables: the default connection is the owner's."""
    return {**environment, "DATABASE_AS_OWNER": "1"}


def without_servers(secrets: Secrets) -> dict[str, str]:
    """For commands that load the settings but touch neither database nor broker."""
    nowhere = "postgres://{}@127.0.0.1:1/none"
    return for_product(Urls(nowhere.format("app"), nowhere.format("owner"), "redis://127.0.0.1:1/0"), secrets)
