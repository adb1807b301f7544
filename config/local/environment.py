"""Which environment variables does the product get? What the person has set wins over what we make."""

import os

from config.local import places
from config.local.addresses import Addresses
from config.local.ports import HOST
from config.local.secrets import Secrets
from config.local.servers import Urls


def for_product(urls: Urls, secrets: Secrets) -> dict[str, str]:
    """The variables that every process of the product needs, on top of our own environment."""
    ours = {
        "SECRET_KEY": secrets.secret_key,
        "FIELD_KEYS": secrets.field_keys,
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        **os.environ,
        "DATABASE_URL": urls.database,
        "DATABASE_OWNER_URL": urls.owner,
        "REDIS_URL": urls.redis,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
    return ours


def with_sandbox(environment: dict[str, str], secrets: Secrets, addresses: Addresses) -> dict[str, str]:
    """The same, with the outside world played by the sandbox."""
    smtp = f"{HOST}:{addresses.sandbox_smtp}"
    allowed = [smtp, f"localhost:{addresses.sandbox_smtp}"]
    made = {
        "BASE_URL": addresses.web_url,
        "SANDBOX_TOKEN": secrets.sandbox_token,
        "SANDBOX_URL": addresses.sandbox_url,
        "SANDBOX_SMTP": smtp,
        "SANDBOX_SMTP_PASSWORD": secrets.sandbox_smtp_password,
        "TWILIO_BASE_URL": addresses.sandbox_url,
        "MESSAGING_ALLOWED_PRIVATE_TARGETS": ",".join(allowed),
        "SMTP_CA_FILE": str(places.VAR / "sandbox" / "ca.pem"),
        "EMAIL_URL": f"smtp+tls://platform:{secrets.sandbox_smtp_password}@{smtp}",
    }
    return {**made, **environment}


def as_owner(environment: dict[str, str]) -> dict[str, str]:
    """The same, for a command that changes tables: the default connection is the owner's."""
    return {**environment, "DATABASE_AS_OWNER": "1"}


def without_servers(secrets: Secrets) -> dict[str, str]:
    """For commands that load the settings but touch neither database nor broker."""
    nowhere = "postgres://{}@127.0.0.1:1/none"
    return for_product(Urls(nowhere.format("app"), nowhere.format("owner"), "redis://127.0.0.1:1/0"), secrets)
