"""What happens when a provider calls back? Verify, store, answer; nothing else is done while it waits.

A callback that is unsigned, forged, another account's or about an unknown attempt is answered alike, with 403, and
writes nothing; only where the account of one of our senders itself has signed it, one about an unknown attempt is kept
(messaging.orphans). While the database is away the answer is 503, so that the provider comes again.

They come by the hundred a second: so they pass by what the pages of people need (sessions, languages, log-in), and
those of the same moment share a commit. The answer is given after it.
"""

import logging
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.callbacks import SECONDS, Answer, Callback, take, take_orphan
from messaging.cutting import answered_within
from messaging.together import Together, TooLong
from reminders import heartbeats

log = logging.getLogger(__name__)

#: How every address begins to which providers call back (messaging.pages.urls).
_BEFORE = "/w/"
#: Enough to tell all those whose requests waited for a thread meanwhile to come again.
_REST_SECONDS = 1.0
_AWAY = (OperationalError, InterfaceError)


def before_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The first middleware: callbacks are answered here."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(_BEFORE):
            try:
                found = resolve(request.path_info, "messaging.pages.urls")
            except Resolver404:
                return get_response(request)
            answer: HttpResponse = found.func(request, **found.kwargs)
            return answer
        return get_response(request)

    return handle


@csrf_exempt  # the provider's signature takes its place
@require_POST
def callback(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """A provider's callback about the attempt of that token."""
    if name not in settings.MESSAGING_PROVIDERS:
        return HttpResponseForbidden()
    try:
        answer = _answer(_heard(request, name, token))
    except (*_AWAY, TooLong) as error:
        log.warning("callback not stored: %s", type(error).__name__)
        return HttpResponse(status=503)
    if answer is Answer.LATER:
        return HttpResponse(status=503)
    return HttpResponse(status=204) if answer is Answer.TAKEN else HttpResponseForbidden()


def _heard(request: HttpRequest, name: str, token: str) -> Callback:
    """By the address that the provider signed: ours as the outside knows it."""
    form = {key: request.POST.getlist(key) for key in request.POST}
    signature = request.headers.get(settings.CALLBACK_SIGNATURES.get(name, ""), "")
    return Callback(name, token, f"{settings.BASE_URL}{request.get_full_path()}", form, signature)


def _answer(heard: Callback) -> Answer:
    answer: Answer = _together.ask(heard)
    if answer is not Answer.UNKNOWN:
        return answer
    with answered_within(SECONDS):
        return take_orphan(heard)


class _Taking:
    """Takes a group; notes once in a while that callbacks come, rather than ask each time whether that is noted."""

    def __init__(self) -> None:
        self.noted = float("-inf")

    def __call__(self, callbacks: Sequence[Callback]) -> list[Answer]:
        with answered_within(SECONDS):
            answers = take(callbacks)
            if Answer.TAKEN in answers and time.monotonic() - self.noted > heartbeats.APART / 2:
                heartbeats.beat(heartbeats.RECEIPTS)
                self.noted = time.monotonic()
        return answers


_taking = _Taking()
_together = Together(_taking, for_all=_AWAY, patience=SECONDS, rest=_REST_SECONDS)
