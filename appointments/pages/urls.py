"""The agenda's addresses, under /c/<slug>/."""

from django.urls import path

from appointments.pages.agenda import agenda
from appointments.pages.appointment import appointment
from appointments.pages.blocks import edit_block, free_block, new_block
from appointments.pages.booking import edit_appointment, new_appointment, patient_choices
from appointments.pages.gaps import called, gaps, gaps_counter
from appointments.pages.marking import mark_appointment, unmark_appointment
from appointments.pages.moving import move_appointment, undo_change
from appointments.pages.send_now import send_now
from appointments.pages.standing import (
    cancel_appointment,
    delete_appointment,
    restore_appointment,
    set_status,
)
from appointments.pages.wanted import set_wanted
from appointments.pages.why import appointment_why
from reminders.pages.plan_progress import plan_progress

_ONE = "appointments/<int:appointment_id>/"

urlpatterns = [
    path("", agenda, name="agenda"),
    path("appointments/new/", new_appointment, name="new_appointment"),
    path("appointments/patients/", patient_choices, name="patient_choices"),
    path(_ONE, appointment, name="appointment"),
    path(f"{_ONE}why/", appointment_why, name="appointment_why"),
    path(f"{_ONE}edit/", edit_appointment, name="edit_appointment"),
    path(f"{_ONE}move/", move_appointment, name="move_appointment"),
    path(f"{_ONE}undo/", undo_change, name="undo_change"),
    path(f"{_ONE}status/", set_status, name="set_status"),
    path(f"{_ONE}cancel/", cancel_appointment, name="cancel_appointment"),
    path(f"{_ONE}delete/", delete_appointment, name="delete_appointment"),
    path(f"{_ONE}restore/", restore_appointment, name="restore_appointment"),
    path(f"{_ONE}send/", send_now, name="send_now"),
    path(f"{_ONE}wanted/", set_wanted, name="set_wanted"),
    path(f"{_ONE}mark/", mark_appointment, name="mark_appointment"),
    path(f"{_ONE}mark/<int:mark_id>/take-back/", unmark_appointment, name="unmark_appointment"),
    path("plan/", plan_progress, name="plan_progress"),
    path("gaps/", gaps, name="gaps"),
    path("gaps/count/", gaps_counter, name="gaps_counter"),
    path(f"{_ONE}called/", called, name="called"),
    path("blocks/new/", new_block, name="new_block"),
    path("blocks/<int:block_id>/", edit_block, name="edit_block"),
    path("blocks/<int:block_id>/free/", free_block, name="free_block"),
]
