"""How does the database itself keep clinics apart? Row-level security and composite foreign keys, as constraints.

They stand in `Meta.constraints`, so makemigrations writes, compares and reverses them. The recipe and its traps were
tried beforehand: FORCE with a policy for the owner, the plain cast (an unset clinic is an error, not an empty answer),
WITH CHECK on every write, and foreign keys that contain the clinic, because PostgreSQL's own reference checks bypass
row-level security (https://www.postgresql.org/docs/current/ddl-rowsecurity.html).
"""

from abc import ABC, abstractmethod
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement

POLICY = "clinic_id = current_setting('app.clinic_id')::bigint"


class _DatabaseOnly(models.BaseConstraint, ABC):
    """A constraint that only the database checks; Python has nothing to validate."""

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Nothing: the database refuses what is wrong."""

    @abstractmethod
    def statements(self, model: type[models.Model]) -> list[str]:
        """The SQL that creates the constraint, in order."""

    @abstractmethod
    def removal(self, model: type[models.Model]) -> list[str]:
        """The SQL that takes it away, in order."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]  # Django takes None
        """On CREATE TABLE: nothing inside the statement, ours run after it."""
        schema_editor.deferred_sql.extend(self.statements(model))

    def create_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]  # the stubs know str only
        """On a table that exists."""
        return _joined(self.statements(model))

    def remove_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> Statement:  # type: ignore[override]  # as above
        """When a migration drops the constraint."""
        return _joined(self.removal(model))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    __hash__ = models.BaseConstraint.__hash__


def _joined(statements: list[str]) -> Statement:
    """Several statements as the one object that Django's schema editor expects."""
    return Statement("%(sql)s", table="", sql="; ".join(statements))


class OneClinic(_DatabaseOnly):
    """Every statement of the app role sees and writes rows of the current clinic alone; without one it fails."""

    def statements(self, model: type[models.Model]) -> list[str]:
        """ENABLE, FORCE, the clinic's policy, and the owner's (migrations and definer functions see all)."""
        table, owner = model._meta.db_table, settings.DATABASE_OWNER_ROLE
        return [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY one_clinic ON "{table}" TO "{settings.DATABASE_APP_ROLE}" '
            f"USING ({POLICY}) WITH CHECK ({POLICY})",
            f'CREATE POLICY every_clinic ON "{table}" TO "{owner}" USING (true) WITH CHECK (true)',
        ]

    def removal(self, model: type[models.Model]) -> list[str]:
        """The same, backwards."""
        table = model._meta.db_table
        return [
            f'DROP POLICY every_clinic ON "{table}"',
            f'DROP POLICY one_clinic ON "{table}"',
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ]


class SameClinic(_DatabaseOnly):
    """A row points only to rows of its own clinic: FOREIGN KEY (clinic_id, x_id) → (clinic_id, id)."""

    def __init__(self, *, field: str, name: str) -> None:
        """`field` is the name of the ForeignKey, declared with db_constraint=False."""
        super().__init__(name=name)
        self.field = field

    def statements(self, model: type[models.Model]) -> list[str]:
        """One composite foreign key."""
        field: Any = model._meta.get_field(self.field)
        target = field.related_model._meta.db_table
        return [
            f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{self.name}" '
            f'FOREIGN KEY ("clinic_id", "{field.column}") REFERENCES "{target}" ("clinic_id", "id") '
            "DEFERRABLE INITIALLY IMMEDIATE"
        ]

    def removal(self, model: type[models.Model]) -> list[str]:
        """Drops it."""
        return [f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{self.name}"']

    def deconstruct(self) -> Any:
        """For the migration file."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}
