"""What happens when a provider calls back? Verify, store, answer; nothing else is done while it waits.

A callback that is unsigned, forged, another account's or about an unknown attempt is answered alike, with 403, and
writes nothing. While the database is away the answer is 503, so that the provider comes again.
"""

import logging

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinics.scope import in_clinic
from messaging.delivery import account_of
from messaging.models import Attempt
from messaging.providers import Forged, provider
from messaging.receipts import attempt_named, store
from reminders import heartbeats

log = logging.getLogger(__name__)

#: A provider gives up after 15 s and comes again where it was told to: a database that is too slow is as good as away.
SECONDS = 4


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
    named = attempt_named(token)
    if named is None or name not in settings.MESSAGING_PROVIDERS:
        return HttpResponseForbidden()
    form = {key: request.POST.getlist(key) for key in request.POST}
    signature = request.headers.get(settings.CALLBACK_SIGNATURES.get(name, ""), "")
    with in_clinic(named.clinic_id):
        _answer_in_time()
        sender = Attempt.objects.select_related("sender").get(pk=named.attempt_id).sender
        if sender.provider != name:
            return HttpResponseForbidden()
        try:
            url = f"{settings.BASE_URL}{request.get_full_path()}"
            report = provider(name).read_callback(account_of(sender), url, form, signature)
        except Forged as error:
            log.warning("callback refused for attempt %s: %s", named.attempt_id, error)
            return HttpResponseForbidden()
        if report is not None:
            store(named.clinic_id, named.attempt_id, report)
    heartbeats.beat(heartbeats.RECEIPTS)
    return HttpResponse(status=204)


def _answer_in_time() -> None:
    """No statement of this transaction waits for longer; one that would is an OperationalError."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
