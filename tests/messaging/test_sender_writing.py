"""Senders have one writer: the secret goes in and never out, and goes to no other server than it was given for."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from clinics.models import SettingArea, SettingEvent
from clinics.scope import in_clinic
from clinics.setting_log import Act, note_try
from messaging.channels import Channel
from messaging.models import Sender
from messaging.sender_writing import NewSender, SecretNeeded, last_try, write_sender
from tests.world import NOW, World

ACT = Act(None, NOW)


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    with in_clinic(world.clinic.pk):
        yield world


def as_it_is(world: World) -> NewSender:
    sender = world.sender
    return NewSender(
        Channel.EMAIL, "smtp", sender.address, sender.display_name, sender.host, sender.port, sender.security,
        sender.username,
    )  # fmt: skip


@pytest.mark.feature(140)
@pytest.mark.parametrize(
    "change", [{"host": "smtp.evil.example"}, {"port": 465}, {"security": "none"}, {"username": "other"}]
)
def test_a_changed_account_needs_its_password_again(inside: World, change: dict[str, Any]) -> None:
    with pytest.raises(SecretNeeded):
        write_sender(inside.clinic, replace(as_it_is(inside), **change), ACT)
    written = write_sender(inside.clinic, replace(as_it_is(inside), **change, secret="nuevo"), ACT)
    assert written.pk == inside.sender.pk and written.secret() == "nuevo"


def test_a_changed_name_keeps_the_password(inside: World) -> None:
    written = write_sender(inside.clinic, replace(as_it_is(inside), display_name="Clínica"), ACT)
    assert Sender.objects.get(pk=written.pk).secret() == "secreto"


@pytest.mark.feature(140)
def test_what_is_kept_of_a_change_holds_no_secret(inside: World) -> None:
    write_sender(inside.clinic, replace(as_it_is(inside), host="smtp.b.example", secret="muy-secreto"), ACT)
    event = SettingEvent.objects.get()
    assert event.details["host"] == ["localhost", "smtp.b.example"]
    assert "secret" in event.details and "muy-secreto" not in str(event.details)


def test_a_try_counts_until_the_account_changes(inside: World) -> None:
    assert last_try(Channel.EMAIL) is None
    note_try(inside.clinic, SettingArea.EMAIL, "login", ACT, stored=False)
    assert last_try(Channel.EMAIL) is None, "what was only typed says nothing of the account in force"
    note_try(inside.clinic, SettingArea.EMAIL, "", ACT, stored=True)
    write_sender(inside.clinic, replace(as_it_is(inside), display_name="Otra"), ACT)
    tried = last_try(Channel.EMAIL)
    assert tried is not None and tried.details["failed_at"] == ""
    write_sender(inside.clinic, replace(as_it_is(inside), port=465, secret="x"), ACT)
    assert last_try(Channel.EMAIL) is None
