"""What does each gate say in words, who can mend it, and where? The static catalogue, by the gates' stable codes."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Who(StrEnum):
    """Who can mend a closed gate."""

    RECEPTION = "reception"
    ADMIN = "admin"
    OWNER = "owner"
    NOBODY = "nobody"


@dataclass(frozen=True)
class GateWords:
    """The two sentences of a gate, who can mend it, and the part of the product where."""

    passed: str | Promise
    failed: str | Promise
    who: Who
    where: str | Promise


_PATIENT, _APPOINTMENT, _RULE = _("the patient's record"), _("the appointment"), _("the reminder rules")
_PACKAGE = _("the practitioner's messages")
_CLINIC, _SENDER, _NOWHERE = _("the clinic's settings"), _("the sender's account"), ""

CATALOGUE: dict[str, GateWords] = {
    "clinic_suspended": GateWords(
        _("The clinic's account is active."), _("The clinic's account is suspended."), Who.OWNER, _CLINIC
    ),
    "channel_off": GateWords(
        _("The clinic has this channel switched on."),
        _("The clinic has this channel switched off."),
        Who.ADMIN,
        _CLINIC,
    ),
    "paused": GateWords(_("Sending is not paused."), _("The clinic has paused its sending."), Who.ADMIN, _CLINIC),
    "test_mode_guest_list": GateWords(
        _("The clinic is live."),
        _("The clinic is in test mode: it would have been sent."),
        Who.ADMIN,
        _CLINIC,
    ),
    "rule_inactive": GateWords(_("The rule is on."), _("The rule is switched off."), Who.ADMIN, _RULE),
    "kind_off_for_practitioner": GateWords(
        _("The practitioner's package has this kind of message."),
        _("The practitioner's package has this kind of message switched off."),
        Who.ADMIN,
        _PACKAGE,
    ),
    "rule_filter_mismatch": GateWords(
        _("The rule is for appointments like this one."),
        _("The rule is for other practitioners, places or types of appointment."),
        Who.ADMIN,
        _RULE,
    ),
    "lead_time_misconfigured": GateWords(
        _("The rule's moment lies before the appointment."),
        _("The rule's moment does not lie before the appointment."),
        Who.ADMIN,
        _RULE,
    ),
    "window_passed": GateWords(
        _("The appointment was known in time for this rule."),
        _("Its moment had passed already when it was booked, moved, or the rule switched on."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "no_allowed_moment": GateWords(
        _("There is an allowed moment before the appointment."),
        _("Quiet hours and closed days leave no moment before the appointment."),
        Who.ADMIN,
        _CLINIC,
    ),
    "no_patient": GateWords(
        _("A patient is linked to the appointment."),
        _("No patient is linked to the appointment."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "cancelled": GateWords(
        _("The appointment is not cancelled."),
        _("The appointment is cancelled."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "deleted": GateWords(
        _("The appointment is in the agenda."),
        _("The appointment was deleted from the agenda."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "nearer_step": GateWords(
        _("No step nearer to the appointment goes in its place."),
        _("A step nearer to the appointment was due too and goes in its place."),
        Who.NOBODY,
        _NOWHERE,
    ),
    "moved": GateWords(
        _("The reminder is for the appointment's present time."),
        _("The appointment was moved: another reminder stands for the new time."),
        Who.NOBODY,
        _NOWHERE,
    ),
    "status_not_eligible": GateWords(
        _("The rule covers the appointment's status."),
        _("The rule does not cover the appointment's status."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "in_the_past": GateWords(
        _("The appointment has not started."), _("The appointment has already started."), Who.NOBODY, _NOWHERE
    ),
    "appointment_reminder_off": GateWords(
        _("Reminders over this channel are wanted for the appointment."),
        _("Reminders over this channel are switched off for the appointment."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "already_sent": GateWords(
        _("This reminder has not gone yet."),
        _("This reminder has already gone for the appointment's present time."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "reminded_elsewhere": GateWords(
        _("Nobody has marked the patient as reminded elsewhere."),
        _("Staff marked the patient as reminded outside Avisa."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "already_confirmed": GateWords(
        _("The patient has not confirmed yet, or the rule reminds all the same."),
        _("The patient has confirmed, and the rule stops then."),
        Who.NOBODY,
        _NOWHERE,
    ),
    "notice_declined": GateWords(
        _("Staff said that the patient shall be told."),
        _("Staff said that the patient need not be told."),
        Who.NOBODY,
        _NOWHERE,
    ),
    "newer_notice": GateWords(
        _("This is the newest change to tell of."),
        _("The appointment was changed again: a newer notice tells of it."),
        Who.NOBODY,
        _NOWHERE,
    ),
    "nothing_changed": GateWords(
        _("The appointment is not as the patient was last told."),
        _("The appointment is as the patient was last told: there is nothing to tell."),
        Who.NOBODY,
        _NOWHERE,
    ),
    "patient_archived": GateWords(
        _("The patient's record is active."), _("The patient's record is archived."), Who.RECEPTION, _PATIENT
    ),
    "default_notifications_off": GateWords(
        _("The patient's default notifications are on."),
        _("The patient's default notifications are off."),
        Who.RECEPTION,
        _PATIENT,
    ),
    "consent_data_protection_off": GateWords(
        _("The patient gave the data protection consent."),
        _("The patient has not given the data protection consent."),
        Who.RECEPTION,
        _PATIENT,
    ),
    "consent_channel_off": GateWords(
        _("The patient agreed to this channel."),
        _("The patient has not agreed to this channel."),
        Who.RECEPTION,
        _PATIENT,
    ),
    "preferred_channel_differs": GateWords(
        _("This is the channel on which the patient wants to be reminded."),
        _("The patient wants to be reminded on another channel, or not at all."),
        Who.RECEPTION,
        _PATIENT,
    ),
    "no_address": GateWords(
        _("The patient's record has an address for this channel."),
        _("The patient's record has no address for this channel."),
        Who.RECEPTION,
        _PATIENT,
    ),
    "address_invalid": GateWords(
        _("The address can be read."), _("The address is not a valid one."), Who.RECEPTION, _PATIENT
    ),
    "landline": GateWords(
        _("The number for reminders is not a landline."),
        _("The number for reminders is a landline, which takes no text messages."),
        Who.RECEPTION,
        _PATIENT,
    ),
    "no_wording": GateWords(
        _("There is a wording for this kind, channel and language."),
        _("There is no wording for this kind, channel and language."),
        Who.ADMIN,
        _RULE,
    ),
    "merge_field_empty": GateWords(
        _("Every field of the wording has a value."),
        _("A field of the wording has no value for this appointment."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "sender_not_configured": GateWords(
        _("The clinic has a sender for this channel."),
        _("The clinic has no sender for this channel."),
        Who.ADMIN,
        _SENDER,
    ),
    "sender_failing": GateWords(
        _("The sender's account works."),
        _("The sender's account was refused or did not answer: it waits until the account is tried again."),
        Who.ADMIN,
        _SENDER,
    ),
    "deadline": GateWords(
        _("There is still time for it to be of use."),
        _("It would have arrived too late to be of use."),
        Who.NOBODY,
        _NOWHERE,
    ),
    "too_many_to_this_address": GateWords(
        _("The patient has not just had other messages this way."),
        _("The patient has just had other messages this way: it keeps its distance."),
        Who.RECEPTION,
        _APPOINTMENT,
    ),
    "quiet_hours": GateWords(
        _("It would not leave in quiet hours or on a closed day."),
        _("It is a closed day or quiet hours: it waits for the next allowed moment."),
        Who.ADMIN,
        _CLINIC,
    ),
    "due": GateWords(_("Its moment has come."), _("Its moment has not come yet."), Who.NOBODY, _NOWHERE),
}
