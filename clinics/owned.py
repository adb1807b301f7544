"""What is common to every row that belongs to a clinic? The base class of all tenant tables."""

from typing import Any, ClassVar

from django.db import models
from django_scopes import ScopedManager

from clinics.any_of import AnyOf
from clinics.rls import OneClinic

models.Field.register_lookup(AnyOf)


class ClinicOwned(models.Model):
    """A row of one clinic, behind both walls: django-scopes in Python, row-level security in PostgreSQL.

    Children that add constraints write `ClinicOwned.Meta.constraints + [...]`.
    """

    clinic = models.ForeignKey("clinics.Clinic", models.PROTECT, db_index=False, related_name="+")

    objects: ClassVar[models.Manager[Any]] = ScopedManager(clinic="clinic_id")

    class Meta:
        abstract = True
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="%(app_label)s_%(class)s_clinic_id"),
            OneClinic(name="%(app_label)s_%(class)s_one_clinic"),
        ]


class SameClinicKey(models.ForeignKey[Any, Any]):
    """A foreign key to a row of the same clinic; the composite constraint (rls.SameClinic) does the checking."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **options: Any) -> None:
        """Like ForeignKey, without the single-column constraint and index that would not contain the clinic."""
        options.setdefault("related_name", "+")
        super().__init__(to, on_delete, **{**options, "db_constraint": False, "db_index": False})


SameClinicKey.register_lookup(AnyOf)
