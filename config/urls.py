"""Which address leads to which page? A clinic's pages live under /c/<slug>/, behind ClinicMiddleware."""

from django.urls import include, path

from reminders.pages.health import healthz
from reminders.pages.sandbox_clock import sandbox_clock

urlpatterns = [
    path("", include("clinics.pages.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("c/<slug:slug>/", include("appointments.pages.urls")),
    path("c/<slug:slug>/patients/", include("patients.pages.urls")),
    path("c/<slug:slug>/log/", include("reminders.pages.urls")),
    path("c/<slug:slug>/settings/", include("clinics.pages.settings_urls")),
    path("healthz", healthz),
    path("sandbox/clock", sandbox_clock),
    path("", include("messaging.pages.urls")),
]
