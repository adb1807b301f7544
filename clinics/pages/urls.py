"""The pages that belong to no single clinic: where a person lands, and the language."""

from django.urls import path

from clinics.pages.home import home
from clinics.pages.language import choose_language

urlpatterns = [
    path("", home, name="home"),
    path("language/", choose_language, name="choose_language"),
]
