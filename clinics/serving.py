"""May this process serve with the database role it was given? A mighty role would walk through both walls unseen."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

_SQL = """
SELECT r.rolsuper OR r.rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p')),
       EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid)
FROM pg_roles r WHERE r.rolname = current_user
"""


def refuse_mighty_role() -> None:
    """Raises ImproperlyConfigured when the role passes by row-level security, owns tables, or is a member of another
    role, whose policies it would inherit. Raises OperationalError when the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        mighty, owns, member = cursor.fetchone()
    if mighty or owns or member:
        reason = "passes by row-level security" if mighty else "owns tables" if owns else "is a member of another role"
        raise ImproperlyConfigured(f"the role of DATABASE_URL {reason}: serve with the plain role, see README")
