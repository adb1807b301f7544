"""The settings' addresses, under /c/<slug>/settings/. The pages live with what they change."""

from django.urls import path

from clinics.pages.closed_days import closed_days, keep_holidays, remove_closed_days, work_on_holiday
from clinics.pages.people import location_page, people, practitioner_page
from clinics.pages.settings_clinic import settings_clinic
from clinics.pages.settings_home import settings_home
from messaging.pages.email_account import email_account
from messaging.pages.sms_sender import sms_sender
from reminders.pages.packages import practitioner_messages
from reminders.pages.pause import pause_page
from reminders.pages.rules import rule, rule_example, rule_words, rules
from reminders.pages.wordings import wording, wording_preview, wordings

_WORDING = "wordings/<slug:kind>/<slug:channel>/<slug:language>/"

urlpatterns = [
    path("", settings_home, name="settings"),
    path("clinic/", settings_clinic, name="settings_clinic"),
    path("closed-days/", closed_days, name="settings_closed_days"),
    path("closed-days/holidays/", keep_holidays, name="settings_holidays"),
    path("closed-days/work/", work_on_holiday, name="settings_work_on_holiday"),
    path("closed-days/remove/", remove_closed_days, name="settings_remove_closed_days"),
    path("pause/", pause_page, name="settings_pause"),
    path("email/", email_account, name="settings_email"),
    path("sms/", sms_sender, name="settings_sms"),
    path("people/", people, name="settings_people"),
    path("people/<int:practitioner_id>/", practitioner_page, name="settings_practitioner"),
    path("locations/<int:location_id>/", location_page, name="settings_location"),
    path("practitioners/", practitioner_messages, name="settings_packages"),
    path("rules/", rules, name="settings_rules"),
    path("rules/new/", rule, name="settings_new_rule"),
    path("rules/example/", rule_example, name="settings_rule_example"),
    path("rules/words/", rule_words, name="settings_rule_words"),
    path("rules/<int:rule_id>/", rule, name="settings_rule"),
    path("wordings/", wordings, name="settings_wordings"),
    path(_WORDING, wording, name="settings_wording"),
    path(_WORDING + "preview/", wording_preview, name="settings_wording_preview"),
]
