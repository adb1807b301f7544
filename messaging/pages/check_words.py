"""What does a try of the e-mail account say to a person? Each step, what went wrong in it and what to do."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinics.models import SettingEvent
from messaging.providers.smtp_check import Checked, Step

Words = str | Promise

STEPS: dict[Step, Words] = {
    Step.NAME: _("The server's name is found"),
    Step.CONNECT: _("The server answers on this port"),
    Step.TLS: _("The connection is encrypted"),
    Step.LOGIN: _("User name and password are accepted"),
    Step.FROM: _("The sender's address is accepted"),
}

#: What went wrong, and what to do.
FAILED: dict[Step, tuple[Words, Words]] = {
    Step.NAME: (
        _("No mail server that may be used was found under this name."),
        _("Check the spelling of the server's name. It must be a public mail server."),
    ),
    Step.CONNECT: (
        _("The server did not answer on this port."),
        _("Check port and security: 465 goes with SSL/TLS, 587 with STARTTLS. Ask your provider if both are right."),
    ),
    Step.TLS: (
        _("No safe connection came about."),
        _("Choose the other kind of encryption, or ask your provider: the server may not offer this one, or its "
          "certificate is for another name."),
    ),
    Step.LOGIN: (
        _("The server refused user name or password."),
        _("Type the password again. With 2-step verification many providers want an app password, and some want "
          "SMTP switched on in the mailbox first."),
    ),
    Step.FROM: (
        _("The server does not send from this address."),
        _("Use the mailbox's own address, or have your provider allow this one as an alias."),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class StepLine:
    """One step of the list: `mark` is yes, no or none (not reached)."""

    words: Words
    mark: str


@dataclass(frozen=True)
class Answer:
    """A try in words. `code` is the number of the server's reply."""

    steps: list[StepLine]
    failed: Words = ""
    advice: Words = ""
    code: str = ""


def answer(checked: Checked, security: str) -> Answer:
    """A try in words; without encryption its step is left out."""
    steps = [step for step in Step if step is not Step.TLS or security != "none" or checked.failed_at is Step.TLS]
    failed = steps.index(checked.failed_at) if checked.failed_at else len(steps)
    lines = [
        StepLine(STEPS[step], "yes" if place < failed else "no" if place == failed else "none")
        for place, step in enumerate(steps)
    ]
    if checked.failed_at is None:
        return Answer(lines)
    words, advice = FAILED[checked.failed_at]
    return Answer(lines, words, advice, checked.code)


def failure_of(tried: SettingEvent | None) -> Words:
    """What went wrong in a try that was kept; empty where all went well, or none was made."""
    failed_at = tried.details["failed_at"] if tried else ""
    return FAILED[Step(failed_at)][0] if failed_at else ""
