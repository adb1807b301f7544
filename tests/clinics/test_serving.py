"""A role that would walk through the clinics' walls does not serve."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from clinics.serving import refuse_mighty_role
from tests.databases import use_role

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_plain_role_serves() -> None:
    refuse_mighty_role()


def test_the_owner_of_the_tables_does_not_serve() -> None:
    use_role(connection, settings.DATABASE_OWNER_URL)
    try:
        with pytest.raises(ImproperlyConfigured, match="owns tables"):
            refuse_mighty_role()
    finally:
        use_role(connection, settings.DATABASE_URL)
