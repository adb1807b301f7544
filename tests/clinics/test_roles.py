"""The permission matrix."""

import pytest
from django.contrib.auth.models import AnonymousUser

from clinics.models import Membership, Role, User
from clinics.roles import (
    AGENDA_EDIT,
    AGENDA_VIEW,
    LOG_SEE_ADDRESS,
    LOG_SEE_TEXT,
    LOG_VIEW,
    MATRIX,
    PATIENT_EDIT,
    PATIENT_VIEW,
    may,
)


def people(role: Role) -> tuple[User, Membership]:
    user = User(pk=1, email="a@people.example")
    return user, Membership(user=user, clinic_id=1, role=role)


@pytest.mark.parametrize("permission", [AGENDA_VIEW, LOG_VIEW, PATIENT_VIEW])
@pytest.mark.parametrize("role", list(Role))
def test_every_member_opens_agenda_patients_and_log(role: Role, permission: str) -> None:
    user, membership = people(role)
    assert may(user, permission, membership)


@pytest.mark.parametrize("permission", [LOG_SEE_ADDRESS, LOG_SEE_TEXT, AGENDA_EDIT, PATIENT_EDIT])
@pytest.mark.parametrize(
    ("role", "allowed"),
    [(Role.RECEPTION, True), (Role.PRACTITIONER, True), (Role.ADMIN, True), (Role.READ_ONLY, False)],
)
def test_addresses_texts_and_changes_are_for_those_who_work_with_patients(
    role: Role, allowed: bool, permission: str
) -> None:
    user, membership = people(role)
    assert may(user, permission, membership) is allowed


@pytest.mark.parametrize("permission", list(MATRIX))
def test_without_an_own_membership_nothing_is_allowed(permission: str) -> None:
    user, membership = people(Role.ADMIN)
    somebody_else = User(pk=2, email="b@people.example")
    switched_off = User(pk=1, email="a@people.example", is_active=False)
    assert not may(somebody_else, permission, membership)
    assert not may(switched_off, permission, membership)
    assert not may(user, permission, None)
    assert not may(AnonymousUser(), permission, membership)


def test_a_permission_that_does_not_exist_is_an_error_and_not_a_no() -> None:
    user, membership = people(Role.ADMIN)
    with pytest.raises(KeyError):
        may(user, "log.delete", membership)
