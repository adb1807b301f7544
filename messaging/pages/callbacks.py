"""What happens when a provider calls back? Verify, store, answer; nothing else is done while it waits.

A callback that is unsigned, forged, another account's or about an unknown attempt is answered alike, with 403, and
writes nothing; only where the account of one of our senders itself has signed it, one about an unknown attempt is kept
(messaging.orphans). While the database is away the answer is 503, so that the provider comes again.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinics.scope import in_clinic
from messaging import orphans
from messaging.delivery import account_of
from messaging.models import Attempt, Sender
from messaging.providers import Forged, Report, provider
from messaging.receipts import attempt_named, store
from reminders import heartbeats

log = logging.getLogger(__name__)

#: A provider gives up after 15 s and comes again where it was told to: a database that is too slow is as good as away.
SECONDS = 4
#: Of an attempt's token, in characters.
_TOKEN_LENGTH = 32


@csrf_exempt  # the provider's signature takes its place
@require_POST
def callback(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """A provider's callback about the attempt of that token."""
    try:
        return _take(request, name, token)
    except (OperationalError, InterfaceError) as error:
        log.warning("callback not stored: %s", type(error).__name__)
        return HttpResponse(status=503)


def _take(request: HttpRequest, name: str, token: str) -> HttpResponse:
    if name not in settings.MESSAGING_PROVIDERS:
        return HttpResponseForbidden()
    heard = _Heard.of(request, name)
    named = attempt_named(token)
    if named is None:
        return _take_orphan(heard, token)
    with in_clinic(named.clinic_id):
        _answer_in_time()
        sender = Attempt.objects.select_related("sender").get(pk=named.attempt_id).sender
        if sender.provider != name:
            return HttpResponseForbidden()
        try:
            report = heard.report(sender)
        except Forged as error:
            log.warning("callback refused for attempt %s: %s", named.attempt_id, error)
            return HttpResponseForbidden()
        if report is not None:
            store(named.clinic_id, named.attempt_id, report)
    heartbeats.beat(heartbeats.RECEIPTS)
    return HttpResponse(status=204)


def _take_orphan(heard: "_Heard", token: str) -> HttpResponse:
    if len(token) != _TOKEN_LENGTH:
        return HttpResponseForbidden()
    account = provider(heard.name).claims(heard.form)
    for candidate in orphans.claimed(heard.name, account) if account else ():
        with in_clinic(candidate.clinic_id):
            _answer_in_time()
            try:
                report = heard.report(Sender.objects.get(pk=candidate.sender_id))
            except Forged:
                continue  # another clinic may send over the same account
            if report is not None:
                orphans.keep(candidate.clinic_id, candidate.sender_id, token, report)
        return HttpResponse(status=204)
    return HttpResponseForbidden()


@dataclass(frozen=True)
class _Heard:
    """A callback as it came."""

    name: str
    url: str
    form: Mapping[str, list[str]]
    signature: str

    @classmethod
    def of(cls, request: HttpRequest, name: str) -> "_Heard":
        """By the address that the provider signed: ours as the outside knows it."""
        form = {key: request.POST.getlist(key) for key in request.POST}
        signature = request.headers.get(settings.CALLBACK_SIGNATURES.get(name, ""), "")
        return cls(name, f"{settings.BASE_URL}{request.get_full_path()}", form, signature)

    def report(self, sender: Sender) -> Report | None:
        """What it says, in our words. Raises Forged."""
        return provider(self.name).read_callback(account_of(sender), self.url, self.form, self.signature)


def _answer_in_time() -> None:
    """No statement of this transaction waits for longer; one that would is an OperationalError."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
