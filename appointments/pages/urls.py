"""The agenda's addresses, under /c/<slug>/."""

from django.urls import path

from appointments.pages.agenda import agenda

urlpatterns = [path("", agenda, name="agenda")]
