"""Which address leads to which page? A clinic's pages live under /c/<slug>/, behind ClinicMiddleware."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
]
