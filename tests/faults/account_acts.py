"""What a clinic does to its e-mail account: a wrong password comes in, and an administrator mends it on the page.

Runs as a program with the stack's environment, as the app role: `python -m tests.faults.account_acts spoil|mend`. The
page is the product's own, with its try of the account.
"""

import os
import sys

SLUG = "clinic-1"
ADMINISTRATOR = "admin@staff.example"


def spoil() -> None:
    """The password stored is not the account's any more; the clinic has an administrator."""
    from clinics.models import Clinic, Membership, Role, User
    from clinics.scope import in_clinic
    from messaging.models import Sender

    clinic = Clinic.objects.get(slug=SLUG)
    user = User.objects.create(email=ADMINISTRATOR, name="Ada", language="es")
    Membership.objects.create(user=user, clinic=clinic, role=Role.ADMIN)
    with in_clinic(clinic.pk):
        sender = Sender.objects.get(channel="email")
        sender.set_secret("not the password")
        sender.save()


def mend() -> None:
    """The administrator types the right one, and saves. Raises RuntimeError where the page refuses it."""
    from django.test import Client

    from clinics.models import User

    host, port = os.environ["SANDBOX_SMTP"].split(":")
    typed = {
        "preset": "other", "address": f"citas@{SLUG}.example", "display_name": "Clínica", "host": host, "port": port,
        "security": "starttls", "password": os.environ["SANDBOX_SMTP_PASSWORD"],
    }  # fmt: skip
    browser = Client(SERVER_NAME="127.0.0.1", raise_request_exception=True)
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    browser.force_login(User.objects.get(email=ADMINISTRATOR), backend=backend)
    answer = browser.post(f"/c/{SLUG}/settings/email/", typed)
    if answer.status_code != 302:
        raise RuntimeError(f"the page answered {answer.status_code}")


if __name__ == "__main__":
    import django

    django.setup()
    {"spoil": spoil, "mend": mend}[sys.argv[1]]()
