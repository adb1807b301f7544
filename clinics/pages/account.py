"""Who may make an account, and what follows from a log-in? Nobody by himself: administrators add members."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponseBase

from clinics.models import User
from clinics.pages.language import keep_language


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's hooks, where Avisa differs."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: a clinic's people are added by its administrators."""
        return False

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponseBase:
        """The answer to a log-in speaks the user's language from then on."""
        response: HttpResponseBase = super().post_login(request, user, **details)
        keep_language(response, user.language)
        return response
