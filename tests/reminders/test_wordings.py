"""Wordings have one writer: versions are kept, what could not be sent is refused, a clinic starts with good ones."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from clinics.scope import in_clinic
from messaging.channels import Channel
from messaging.segments import Encoding, count
from reminders.default_wordings import DEFAULT_WORDINGS
from reminders.kinds import Kind
from reminders.merge_fields import fill, find_unknown, used
from reminders.models import Template, TemplateVersion
from reminders.wordings import NewWording, WordingRefused, give_default_wordings, write_wording
from tests.world import DAY, NOW, World

WORDING = NewWording(Kind.CONFIRMATION, Channel.EMAIL, "es", "Su cita en [CLINIC]", "Hola, [CLIENTFIRSTNAME].")


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    """The test clinic, its scope open."""
    with in_clinic(world.clinic.pk):
        yield world


def test_a_new_text_is_a_new_version_and_the_old_one_is_kept(inside: World) -> None:
    first = write_wording(inside.clinic, WORDING, None, NOW)
    second = write_wording(inside.clinic, replace(WORDING, body="Hola otra vez, [CLIENTFIRSTNAME]."), None, NOW + DAY)
    assert (first.version, second.version, second.template.version) == (1, 2, 2)
    assert TemplateVersion.objects.get(pk=first.pk).body == "Hola, [CLIENTFIRSTNAME].\n"


def test_the_same_text_again_is_no_new_version(inside: World) -> None:
    first = write_wording(inside.clinic, WORDING, None, NOW)
    again = write_wording(inside.clinic, replace(WORDING, body=WORDING.body + "\r\n"), None, NOW + DAY)
    assert again.pk == first.pk


@pytest.mark.feature(103)
def test_a_field_that_does_not_exist_is_refused_and_the_nearest_is_offered(inside: World) -> None:
    with pytest.raises(WordingRefused, match=r"\[cliente\] is not a field") as refused:
        write_wording(inside.clinic, replace(WORDING, body="Hola, [cliente] [CLINICFONE]"), None, NOW)
    assert "Did you mean [CLINICPHONE]?" in str(refused.value)
    assert not Template.objects.filter(kind=Kind.CONFIRMATION).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        replace(WORDING, body="  "),
        replace(WORDING, subject=""),
        replace(WORDING, subject="Su cita\r\nBcc: other@correo.example"),
        replace(WORDING, subject="x" * 201),
        replace(WORDING, body="Hola\u202e, [CLIENTFIRSTNAME]"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(inside: World, wrong: NewWording) -> None:
    with pytest.raises(WordingRefused):
        write_wording(inside.clinic, wrong, None, NOW)


def test_a_clinic_gets_the_wordings_it_lacks_and_keeps_its_own(inside: World) -> None:
    own = Template.objects.get(kind=Kind.REMINDER, language="es")
    assert give_default_wordings(inside.clinic, NOW) == len(DEFAULT_WORDINGS) - 1
    assert give_default_wordings(inside.clinic, NOW) == 0
    assert TemplateVersion.objects.filter(template=own).count() == 1


def test_there_is_a_default_for_each_kind_in_each_language() -> None:
    channels = (Channel.EMAIL, Channel.SMS)
    wanted = {(kind, channel, code) for kind in Kind for channel in channels for code, _ in settings.LANGUAGES}
    assert set(DEFAULT_WORDINGS) == wanted


@pytest.mark.feature(61)
@pytest.mark.parametrize("key", list(DEFAULT_WORDINGS))
def test_a_default_names_the_time_and_the_clinic_and_nothing_of_the_visit(key: tuple[Kind, Channel, str]) -> None:
    text = "\n".join(DEFAULT_WORDINGS[key])
    assert not find_unknown(text)
    assert set(used(text)) == {"CLIENTFIRSTNAME", "APPOINTMENT", "CLINIC", "CLINICPHONE"}


#: Words that are true on one day alone: whatever leaves late would be wrong.
RELATIVE = {"tomorrow", "today", "mañana", "hoy", "domani", "oggi", "amanhã", "hoje"}


@pytest.mark.parametrize("key", list(DEFAULT_WORDINGS))
def test_a_default_says_nothing_that_a_late_message_would_make_wrong(key: tuple[Kind, Channel, str]) -> None:
    assert not RELATIVE & set(re.findall(r"\w+", "\n".join(DEFAULT_WORDINGS[key]).lower()))


#: A name, a day and a clinic of usual length, in the letters that the language's own days leave possible.
TYPICAL = {
    "es": {"CLIENTFIRSTNAME": "Laura", "APPOINTMENT": "viernes, 27 de noviembre de 2026, 10:30"},
    "it": {"CLIENTFIRSTNAME": "Giulia", "APPOINTMENT": "mercoled\u00ec 25 novembre 2026, 10:30"},
    "pt-br": {"CLIENTFIRSTNAME": "Bruna", "APPOINTMENT": "quinta-feira, 26 de novembro de 2026, 10:30"},
    "en": {"CLIENTFIRSTNAME": "Emma", "APPOINTMENT": "Wednesday, November 25, 2026, 10:30"},
}


@pytest.mark.feature("X2", 105)
@pytest.mark.parametrize("key", [key for key in DEFAULT_WORDINGS if key[1] is Channel.SMS])
def test_a_default_sms_fits_into_one_with_usual_values(key: tuple[Kind, Channel, str]) -> None:
    values = {"CLINIC": "Centro Dental Sol", "CLINICPHONE": "+34 910 000 100", **TYPICAL[key[2]]}
    counted = count(fill(DEFAULT_WORDINGS[key][1], values).strip())
    assert (counted.encoding, counted.segments) == (Encoding.GSM7, 1)


@pytest.mark.parametrize(("wrong", "field"), [({"subject": "[CITAS]"}, "subject"), ({"body": "[CITAS]"}, "body")])
def test_a_refusal_names_the_field_that_is_wrong(inside: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(WordingRefused) as refused:
        write_wording(inside.clinic, replace(WORDING, **wrong), None, NOW)
    assert refused.value.field == field


def test_a_clinic_may_take_the_words_for_one_kind_and_channel_alone(inside: World) -> None:
    assert give_default_wordings(inside.clinic, NOW, {(Kind.CHANGE, Channel.EMAIL)}) == len(settings.LANGUAGES)
    assert not Template.objects.exclude(kind=Kind.REMINDER).exclude(kind=Kind.CHANGE, channel=Channel.EMAIL).exists()
