"""The delivery log's addresses, under /c/<slug>/log/."""

from django.urls import path

from reminders.pages.asking import ask, patient_answers
from reminders.pages.log import log
from reminders.pages.message import reminder, reminder_gates

urlpatterns = [
    path("", log, name="log"),
    path("ask/", ask, name="ask"),
    path("ask/<int:patient_id>/", patient_answers, name="patient_answers"),
    path("<int:reminder_id>/", reminder, name="reminder"),
    path("<int:reminder_id>/gates/", reminder_gates, name="reminder_gates"),
]
