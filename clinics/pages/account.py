"""Who may make an account, and what follows from a log-in? Nobody by himself: administrators add members."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponseBase

from clinics.models import User
from clinics.pages.language import keep_language

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's hooks, where Avisa differs."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: a clinic's people are added by its administrators."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail to a person who logs in. Where the platform's mail server is away the page answers as ever: it must not
        tell who has an account, and our operators read the log."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.error("platform mail not sent (EMAIL_URL): %s", type(error).__name__)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponseBase:
        """The answer to a log-in speaks the user's language from then on."""
        response: HttpResponseBase = super().post_login(request, user, **details)
        keep_language(response, user.language)
        return response
