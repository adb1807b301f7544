"""How are many ids given to a query? As one array: `filter(pk__any_of=ids)`.

Django's `in` makes a parameter of each, and prepares and plans every single one; with 500 ids that takes longer than
reading the rows. So it is with an array that the driver spells out; as text PostgreSQL reads it in a fifth of the time.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Lookup


class AnyOf(Lookup):
    """The column equals one of the given ids; none for no ids."""

    lookup_name = "any_of"

    def get_prep_lookup(self) -> str:
        """The ids, of whatever collection they come in, as PostgreSQL writes an array."""
        given: Iterable[int] = self.rhs
        return f"{{{','.join(str(int(one)) for one in given)}}}"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """One parameter; the cast tells PostgreSQL what an empty array is of."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::bigint[])", (*parameters, self.rhs)
