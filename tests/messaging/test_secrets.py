"""A clinic's password opens in its own row alone, under a key of the ring."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.scope import in_clinic
from messaging.delivery import begin
from messaging.models import Sender
from messaging.secrets import Unreadable, seal, unseal
from tests.world import NOW, World, make_world

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
PLACE = "messaging_sender|sealed_secret|1|7"


@pytest.fixture(autouse=True)
def ring(settings: Any) -> Any:
    settings.FIELD_KEYS = [OLD]
    return settings


@given(st.text())
def test_what_is_sealed_opens_again_and_never_looks_the_same_twice(plain: str) -> None:
    plain = plain.encode(errors="replace").decode()
    first, second = seal(plain, PLACE), seal(plain, PLACE)
    assert unseal(first, PLACE) == unseal(second, PLACE) == plain
    assert first != second
    assert len(plain) < 3 or plain not in first


@pytest.mark.parametrize(
    "place",
    ["messaging_sender|sealed_secret|2|7", "messaging_sender|sealed_secret|1|8", "messaging_sender|address|1|7",
     "messaging_other|sealed_secret|1|7"],
)  # fmt: skip
def test_a_secret_copied_to_another_clinic_row_column_or_table_does_not_open(place: str) -> None:
    with pytest.raises(Unreadable):
        unseal(seal("secreto", PLACE), place)


def test_a_new_key_writes_and_the_old_one_still_reads(ring: Any) -> None:
    before = seal("secreto", PLACE)
    ring.FIELD_KEYS = [NEW, OLD]
    assert unseal(before, PLACE) == "secreto"
    after = seal("secreto", PLACE)
    assert (before.split(":")[0], after.split(":")[0]) == ("old", "new")
    ring.FIELD_KEYS = [NEW]
    assert unseal(after, PLACE) == "secreto"
    with pytest.raises(Unreadable, match="old"):
        unseal(before, PLACE)


def test_a_key_that_takes_anothers_name_does_not_open(ring: Any) -> None:
    sealed = seal("secreto", PLACE)
    ring.FIELD_KEYS = [NEW.replace("new:", "old:")]
    with pytest.raises(Unreadable):
        unseal(sealed, PLACE)


@pytest.mark.parametrize("damaged", ["old:", "old:%%%", "old:AAAA", "old:" + "A" * 64, "", "nonsense", "old:é"])
def test_what_is_damaged_is_unreadable_and_nothing_worse(damaged: str) -> None:
    with pytest.raises(Unreadable):
        unseal(damaged, PLACE)


def test_without_a_ring_nothing_is_kept(ring: Any) -> None:
    ring.FIELD_KEYS = []
    with pytest.raises(Unreadable, match="FIELD_KEYS"):
        seal("secreto", PLACE)


@pytest.mark.django_db
@pytest.mark.feature("19")
def test_one_clinics_sealed_password_does_not_open_in_anothers_row(world: World) -> None:
    other = make_world("otra-clinica")
    with in_clinic(world.clinic.pk):
        stolen = Sender.objects.get().sealed_secret
        assert Sender.objects.get().secret() == "secreto"
    with in_clinic(other.clinic.pk):
        Sender.objects.update(sealed_secret=stolen)
        with pytest.raises(Unreadable):
            Sender.objects.get().secret()


@pytest.mark.django_db
@pytest.mark.parametrize("damaged", ["old:%%%", "gone:AAAA"])
def test_an_account_whose_secret_does_not_open_begins_without_one(world: World, damaged: str) -> None:
    with in_clinic(world.clinic.pk):
        Sender.objects.update(sealed_secret=damaged)
        assert begin(world.clinic.pk, Sender.objects.get(), [], NOW) == []
        assert "secreto" not in repr(Sender.objects.get())


def test_a_row_without_a_number_yet_takes_no_secret() -> None:
    with pytest.raises(ValueError, match="save the sender once"):
        Sender(clinic_id=1).set_secret("secreto")
