"""How does mail to staff leave (password resets, alerts)? By the platform's own account, EMAIL_URL, never a clinic's.

Django's backend, which trusts SMTP_CA_FILE as well: the sandbox's certificate, or that of a house's own mail server.
"""

import ssl
from functools import cached_property

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend


class PlatformMail(EmailBackend):
    """Certificates are always checked."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """The system's authorities and the one of SMTP_CA_FILE."""
        context = ssl.create_default_context()
        if settings.SMTP_CA_FILE:
            context.load_verify_locations(settings.SMTP_CA_FILE)
        return context
