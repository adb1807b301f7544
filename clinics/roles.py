"""What may each role do in a clinic? The permission matrix, by predicates over a Membership.

`may(user, permission, membership)` is the one question that pages ask; a membership of somebody else gives nothing.
"""

from django.contrib.auth.models import AnonymousUser
from rules.permissions import has_perm, set_perm
from rules.predicates import Predicate

from clinics.models import Membership, Role, User

#: Open the agenda, with what was and will be sent.
AGENDA_VIEW = "agenda.view"
#: Book, move, cancel and mark appointments, and block time.
AGENDA_EDIT = "agenda.edit"
#: Look up patients; addresses in full are a permission of their own.
PATIENT_VIEW = "patient.view"
#: Change patients' records and consents.
PATIENT_EDIT = "patient.edit"
#: Open the delivery log and single messages.
LOG_VIEW = "log.view"
#: Read patients' addresses in full; without it they are masked.
LOG_SEE_ADDRESS = "log.see_address"
#: Read the words of a message as it was sent.
LOG_SEE_TEXT = "log.see_text"
#: See how the clinic is set up, without the accounts' user names and secrets.
SETTINGS_VIEW = "settings.view"
#: Change it.
SETTINGS_CHANGE = "settings.change"

STAFF = frozenset({Role.RECEPTION, Role.PRACTITIONER, Role.ADMIN})

MATRIX: dict[str, frozenset[Role]] = {
    AGENDA_VIEW: frozenset(Role),
    AGENDA_EDIT: STAFF,
    PATIENT_VIEW: frozenset(Role),
    PATIENT_EDIT: STAFF,
    LOG_VIEW: frozenset(Role),
    LOG_SEE_ADDRESS: STAFF,
    LOG_SEE_TEXT: STAFF,
    SETTINGS_VIEW: frozenset(Role),
    SETTINGS_CHANGE: frozenset({Role.ADMIN}),
}


def _holds(roles: frozenset[Role]) -> Predicate:
    """A predicate: the membership is the user's own, and its role is one of `roles`."""

    def holds(user: User, membership: Membership | None) -> bool:
        return membership is not None and membership.user_id == user.pk and membership.role in roles

    return Predicate(holds)


for _permission, _roles in MATRIX.items():
    set_perm(_permission, _holds(_roles))  # type: ignore[no-untyped-call]


def may(user: User | AnonymousUser, permission: str, membership: Membership | None) -> bool:
    """Whether `user` may do this in the membership's clinic. Raises KeyError for a permission that does not exist."""
    if permission not in MATRIX:
        raise KeyError(permission)
    known = user.is_authenticated and user.is_active
    return known and bool(has_perm(permission, user, membership))  # type: ignore[no-untyped-call]
