"""In which language does this person read? A choice on every page, kept with the user and in a cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from clinics.models import User


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own switch (cookie, and back to the page), and the choice is remembered for the next log-in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return set_language(request)


def keep_language(response: HttpResponseBase, language: str) -> None:
    """Lets the language of a user's record rule his browser from now on; an empty one changes nothing."""
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, secure=settings.SECURE, samesite="Lax")
