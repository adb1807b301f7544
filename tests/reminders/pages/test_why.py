"""Why, and will it? Whose field mends a gate, what follows if it is mended now, and what else the panel says."""

import re
from urllib.parse import urldefrag

import pytest
from django.test import Client
from django.utils import translation

from appointments.models import RemindedElsewhere
from clinics.models import Role
from clinics.scope import in_clinic
from messaging.outcomes import AttemptState, FailureKind
from reminders.kinds import Kind, State, TimingKind
from reminders.models import Rule
from tests.page_forms import send, text, words
from tests.reminders.closing import CLOSED_BY, Case
from tests.visitors import DAY, HOUR, NOW, attempt, book, client_of, member, put, reminders_of
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
#: Five gates of different people: the patient's, the appointment's, the clinic's, the rule's and the words'.
FIVE = ("consent_channel_off", "reminded_elsewhere", "channel_off", "kind_off_for_practitioner", "merge_field_empty")


@pytest.fixture
def case(world: World, wednesday: object) -> Case:
    return Case(world, book(world, NOW + 2 * DAY))


def page_of(case: Case, client: Client) -> str:
    return text(client.get(f"/c/{case.world.clinic.slug}/appointments/{case.row.pk}/")).replace("&#x27;", "'")


def said(case: Case, client: Client) -> str:
    """What the panel of the answers says."""
    path = f"/c/{case.world.clinic.slug}/appointments/{case.row.pk}/why/"
    return words(text(client.get(path, headers={"hx-request": "true"}))).replace("&#x27;", "'")


def gate_rows(page: str) -> dict[str, str]:
    return dict(re.findall(r'<tr [^>]*data-gate="(\w+)">(.*?)</tr>', page, re.DOTALL))


def named(page: str) -> list[str]:
    return re.findall(r'<tr [^>]*class="gate gate-no(?: gate-notable)?" data-gate="(\w+)"', page)


def links(row: str) -> list[str]:
    return re.findall(r'class="gate-fix" href="([^"]+)"', row)


@pytest.mark.feature("N1")
def test_five_gates_at_once_are_all_named_and_one_moment_for_mending_all(case: Case, desk: Client) -> None:
    for code in FIVE:
        CLOSED_BY[code](case)
    case.plan()
    page = page_of(case, desk)
    assert sorted(named(page)) == sorted(FIVE)
    assert "If all of it is mended now, it goes on Thu, Jan 17 10:00." in words(page)


@pytest.mark.feature(172, "N1")
@pytest.mark.parametrize("code", sorted(CLOSED_BY))
def test_a_link_leads_to_the_very_field_that_opens_the_gate(case: Case, admin: Client, code: str) -> None:
    CLOSED_BY[code](case)
    case.plan()
    for address in links(gate_rows(page_of(case, admin))[code]):
        path, field = urldefrag(address)
        target = text(admin.get(path))
        assert not field or f'id="{field}"' in target, address


@pytest.mark.feature(172)
def test_the_appointments_page_has_a_link_to_every_switch_also_to_those_that_are_on(case: Case, admin: Client) -> None:
    rows = gate_rows(page_of(case, admin))
    linked = {code for code, row in rows.items() if links(row)}
    switches = {
        "channel_off", "test_mode_guest_list", "rule_inactive", "rule_filter_mismatch", "status_not_eligible",
        "appointment_reminder_off", "reminded_elsewhere", "patient_archived", "default_notifications_off",
        "consent_data_protection_off", "consent_channel_off", "preferred_channel_differs", "no_address", "no_wording",
        "sender_not_configured",
    }  # fmt: skip
    assert switches <= linked


@pytest.mark.parametrize(
    ("code", "who"),
    [
        ("consent_channel_off", "Reception · the patient's record"),
        ("rule_inactive", "Administrator · the reminder rules"),
    ],
)
def test_a_role_that_may_not_mend_sees_who_can(case: Case, code: str, who: str) -> None:
    CLOSED_BY[code](case)
    case.plan()
    reader = client_of(member(case.world, Role.READ_ONLY))
    row = gate_rows(page_of(case, reader))[code]
    assert who in words(row) and links(row) == []
    desk = client_of(member(case.world, Role.RECEPTION))
    assert bool(links(gate_rows(page_of(case, desk))[code])) is (code == "consent_channel_off")


@pytest.mark.feature(5, "N1")
def test_a_consent_that_is_ticked_counts_at_once_for_an_appointment_booked_already(case: Case, desk: Client) -> None:
    case.patient(consent_email=False)
    case.plan()
    assert "If this is mended now, it goes on Thu, Jan 17 10:00." in said(case, desk)
    [address] = links(gate_rows(page_of(case, desk))["consent_channel_off"])
    path, field = urldefrag(address)
    assert field == "id_consent_email"
    send(desk, path, consent_email="on")
    assert "E-mail · Reminder will go on Thu, Jan 17 10:00." in said(case, desk)
    assert named(page_of(case, desk)) == []


def test_what_can_no_longer_be_mended_offers_to_send_now(case: Case, desk: Client) -> None:
    CLOSED_BY["window_passed"](case)
    case.plan()
    page = page_of(case, desk)
    assert "By itself it does not go any more." in words(page)
    assert f"/c/{case.world.clinic.slug}/appointments/{case.row.pk}/send/" in page or "?channel=email" in page


def test_a_pause_says_until_when_and_that_it_goes_afterwards(case: Case, desk: Client) -> None:
    case.clinic(paused_until=NOW + DAY + 3 * HOUR)
    case.plan()
    page = page_of(case, desk)
    assert named(page) == []
    assert "The clinic has paused its sending." in words(gate_rows(page)["paused"])
    assert "until Thu, Jan 17 13:00" in words(gate_rows(page)["paused"])
    assert "E-mail · Reminder will go on Thu, Jan 17 13:00." in words(page)


@pytest.mark.feature("N1")
def test_the_past_is_shown_as_it_was_seen_beside_what_holds_now(case: Case, desk: Client) -> None:
    [row] = reminders_of(case.world, case.row)
    put(
        case.world, row, State.SKIPPED, ended_at=NOW, decided_at=NOW,
        gates=[["consent_channel_off", False, "email"], ["no_patient", True, ""], ["deadline", True, ""]],
    )  # fmt: skip
    page = page_of(case, desk)
    consent = words(gate_rows(page)["consent_channel_off"])
    assert consent.startswith("✗ in the way ✓ fulfilled")
    assert "Now: The patient agreed to this channel." in consent
    assert set(gate_rows(page)) >= {"consent_channel_off", "no_patient", "deadline"}


@pytest.mark.feature(2)
def test_each_answer_says_which_way_it_came(case: Case, desk: Client) -> None:
    [row] = reminders_of(case.world, case.row)
    person = member(case.world, Role.RECEPTION, name="Ana Gil")
    put(case.world, row, State.HANDED_OVER, origin="manual", by=person, event_at=NOW - HOUR, handed_over_at=NOW - HOUR)
    page = words(page_of(case, desk))
    assert "24 hours before, by hand" in page and "Ana Gil, Wed, Jan 16 09:00" in page


@pytest.mark.feature("N5", 127)
def test_what_failed_says_why_whose_matter_it_is_and_what_to_do_next(case: Case, desk: Client) -> None:
    [row] = reminders_of(case.world, case.row)
    attempt(case.world, row, AttemptState.FAILED, FailureKind.ADDRESS_REFUSED, "550")
    put(case.world, row, State.FAILED, failure=FailureKind.ADDRESS_REFUSED, ended_at=NOW)
    page = words(page_of(case, desk))
    assert "The patient's mailbox does not exist or is switched off. Ask the patient for another address." in page
    assert "Whose matter: The patient's mailbox or carrier." in page


@pytest.mark.feature(10, "N1")
def test_a_rule_without_a_reminder_is_answered_too(case: Case, desk: Client) -> None:
    with in_clinic(case.world.clinic.pk):
        common = {"clinic": case.world.clinic, "channel": "email", "statuses": ["scheduled"]}
        Rule.objects.create(
            **common, kind=Kind.REMINDER, timing=TimingKind.BEFORE_ELAPSED, amount=120, types=[10**6]
        )  # fmt: skip
        Rule.objects.create(**common, kind=Kind.CHANGE, timing=TimingKind.ON_EVENT, amount=0)
    page = words(page_of(case, desk))
    assert "2 rules that send nothing here as things stand" in page
    assert "By this rule nothing goes for this appointment." in page
    assert "type of visit" in page and "If this is mended now, it goes on Fri, Jan 18 08:00." in page
    assert "It goes only if staff say so when they change the appointment; nobody did." in page


@pytest.mark.feature("B5", "N1")
def test_a_fallback_stands_by_and_says_what_it_would_meet(case: Case, desk: Client) -> None:
    case.clinic(channels_on=["email", "sms"])
    case.rule(fallback_channel="sms")
    page = page_of(case, desk)
    assert "It goes only if the rule's own channel does not reach the patient." in words(page)
    assert "As things stand it could not go then either." in words(page)
    assert {"consent_channel_off", "no_address", "no_wording", "sender_not_configured"} <= set(named(page))


def test_a_fallback_that_will_open_is_foreseen_with_its_moment(case: Case, desk: Client) -> None:
    case.clinic(channels_on=["email", "sms"])
    case.rule(channel="sms", fallback_channel="email")
    case.plan()
    page = words(page_of(case, desk))
    assert "24 hours before, second channel" in page
    assert "SMS · Reminder will not go as things stand." in page


@pytest.mark.feature("N3", 37, 39, "X15")
def test_five_facts_stand_apart(case: Case, desk: Client) -> None:
    def facts() -> dict[str, str]:
        found = re.findall(r'data-fact="(\w+)">(.*?)</li>', page_of(case, desk), re.DOTALL)
        return {code: words(note) for code, note in found}

    assert list(facts()) == ["scheduled", "sent", "delivered", "elsewhere", "answered"]
    assert facts()["scheduled"] == "Scheduled E-mail Thu, Jan 17 10:00"
    assert facts()["sent"] == "Sent by us no" and facts()["answered"] == "Answered no answer"
    [row] = reminders_of(case.world, case.row)
    made = attempt(case.world, row, AttemptState.ACCEPTED)
    put(case.world, row, State.HANDED_OVER, handed_over_at=NOW, ended_at=NOW)
    assert facts()["sent"] == "Sent by us E-mail Wed, Jan 16 10:00"
    assert facts()["delivered"] == "Delivered no proof of delivery"
    with in_clinic(case.world.clinic.pk):
        type(made).objects.filter(pk=made.pk).update(state=AttemptState.DELIVERED)
    assert facts()["delivered"] == "Delivered E-mail"
    person = member(case.world, Role.RECEPTION, name="Ana Gil")
    case.add(
        RemindedElsewhere, appointment=case.row, occurrence=1, how="phone", marked_by=person, marked_at=NOW - HOUR
    )  # fmt: skip
    assert facts()["elsewhere"] == "Reminded elsewhere by phone · Ana Gil · Wed, Jan 16 09:00"


@pytest.mark.feature(42)
def test_a_moved_appointment_answers_for_its_new_time_and_keeps_the_former_apart(case: Case, desk: Client) -> None:
    [row] = reminders_of(case.world, case.row)
    put(case.world, row, State.HANDED_OVER, handed_over_at=NOW - HOUR, ended_at=NOW - HOUR)
    case.appointment(start=NOW + 5 * DAY, end=NOW + 5 * DAY + HOUR)
    case.plan()
    here, former = page_of(case, desk).split("For its former times")
    assert "E-mail · Reminder will go on" in words(here) and "E-mail · Reminder went on" in words(former)


@pytest.mark.feature(38, "X14")
def test_nothing_in_the_panel_sends_or_marks_by_a_click_on_a_state(case: Case, desk: Client) -> None:
    path = f"/c/{case.world.clinic.slug}/appointments/{case.row.pk}/why/"
    panel = text(desk.get(path, headers={"hx-request": "true"}))
    assert "<form" not in panel and "hx-post" not in panel
    before = [(one.pk, one.state) for one in reminders_of(case.world, case.row)]
    for address in re.findall(r'<a class="chip[^"]*" href="([^"]+)"', panel):
        assert desk.get(address).status_code == 200
    assert [(one.pk, one.state) for one in reminders_of(case.world, case.row)] == before
    with in_clinic(case.world.clinic.pk):
        assert RemindedElsewhere.objects.count() == 0


@pytest.mark.feature("X6", 35)
def test_a_status_that_comes_late_is_seen_at_once(case: Case, desk: Client) -> None:
    case.appointment(status="cancelled")
    page = page_of(case, desk)
    assert named(page) == ["cancelled"], "also before the plan has caught up"
    assert "nothing more to come" in words(page)


def test_without_htmx_the_panel_leads_to_the_appointment(case: Case, desk: Client) -> None:
    answer = desk.get(f"/c/{case.world.clinic.slug}/appointments/{case.row.pk}/why/")
    assert answer.status_code == 302 and answer.headers["Location"].endswith(f"/appointments/{case.row.pk}/")


def test_another_clinics_appointment_answers_like_an_invented_one(case: Case, desk: Client) -> None:
    other = make_world("foreign")
    foreign = book(other, NOW + DAY)
    here = f"/c/{case.world.clinic.slug}/appointments"
    for number in (foreign.pk, 10**9):
        assert desk.get(f"{here}/{number}/why/", headers={"hx-request": "true"}).status_code == 404


def test_the_patients_page_opens_the_answers_of_each_appointment(case: Case, desk: Client) -> None:
    page = text(desk.get(f"/c/{case.world.clinic.slug}/patients/{case.world.patient.pk}/"))
    assert f'hx-get="/c/{case.world.clinic.slug}/appointments/{case.row.pk}/why/"' in page


@pytest.mark.parametrize("language", ["es", "it", "pt-br"])
def test_the_panel_speaks_the_readers_language(case: Case, language: str) -> None:
    CLOSED_BY["consent_channel_off"](case)
    with translation.override(language):
        page = page_of(case, client_of(member(case.world, Role.RECEPTION, language=language), language))
    assert "The patient has not agreed" not in page and "If this is mended" not in page
