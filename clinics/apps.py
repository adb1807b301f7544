"""What does the app role get when tables appear? Grants, repeated after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate


def grant_to_app(**_: Any) -> None:
    """Gives the app role reading and writing of all tables; not TRUNCATE, not DDL. Only the owner can, so the app
    role's own start passes by. Safe to repeat."""
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] != settings.DATABASE_OWNER_ROLE or role == settings.DATABASE_OWNER_ROLE:
            return
        cursor.execute(
            f'GRANT USAGE ON SCHEMA public TO "{role}"; '
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"; '
            f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"; '
            f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{role}"'
        )


class ClinicsConfig(AppConfig):
    """The bottom app: everything else imports it."""

    name = "clinics"

    def ready(self) -> None:
        """After each migrate, whoever started it."""
        post_migrate.connect(grant_to_app, sender=self)
