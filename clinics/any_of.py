"""How are many ids given to a query? As one array: `filter(pk__any_of=ids)`.

Django's `in` makes a parameter of each, and prepares and plans every single one; with 500 ids that takes longer than
reading the rows.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Lookup


class AnyOf(Lookup):
    """The column equals one of the given ids; none for no ids."""

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[int]:
        """The ids, of whatever collection they come in."""
        given: Iterable[int] = self.rhs
        return list(given)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """One parameter; the cast tells PostgreSQL what an empty array is of."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::bigint[])", (*parameters, self.rhs)
