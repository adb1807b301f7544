"""What does Avisa run with? Everything comes from the environment; the README lists the variables.

`python3 run.py` provides them all for the embedded servers; production sets them itself.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
SECURE = BASE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# Two roles of one database (RLS): the app serves as a plain role, the owner migrates and sets tests up.
DATABASE_URL = env.str("DATABASE_URL")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="")
DATABASE_AS_OWNER = env.bool("DATABASE_AS_OWNER", default=False)
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", default=urlsplit(DATABASE_URL).username or "")
DATABASE_OWNER_ROLE = urlsplit(DATABASE_OWNER_URL).username or ""


#: A statement that takes longer is given up; 0: never. config.wsgi and config.celery say less for what they serve.
STATEMENT_SECONDS = env.int("STATEMENT_SECONDS", default=0)
#: Whether what is asked again and again is planned once a session (clinics.prepared): in workers, by config.celery.
PLAN_ONCE = env.bool("PLAN_ONCE", default=False)


def _database(url: str) -> dict[str, Any]:
    """The Django settings of one database URL; connections are kept, and checked before a request uses them. Nobody
    waits for long: for a connection, a lock, a statement, or a machine that has vanished without a word. A migration
    gives up a lock that it does not get at once, as everybody else queues behind it, and is run again."""
    lock_seconds = 2 if DATABASE_AS_OWNER else 10
    waits = f"-c lock_timeout={lock_seconds}s -c statement_timeout={STATEMENT_SECONDS}s"
    plans = " -c plan_cache_mode=force_generic_plan" if PLAN_ONCE else ""
    vanished = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
    return {
        **environ.Env.db_url_config(url),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 4,  # less than the 5 s within which a callback must have its answer
            "tcp_user_timeout": 30_000,
            **vanished,
            "options": f"{waits} -c timezone=UTC{plans}",
        },
    }


DATABASES = {"default": _database(DATABASE_OWNER_URL if DATABASE_AS_OWNER else DATABASE_URL)}
#: In the database, as tries to log in are counted over all web processes, wherever they run (allauth's rate limits).
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "clinics_cache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django_filters",
    "csp",
    "rules",
    "clinics",
    "patients",
    "appointments",
    "messaging",
    "reminders",
]

MIDDLEWARE = [
    "messaging.pages.callbacks.before_pages",  # first: providers' callbacks pass by all the others
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinics.pages.access.ClinicMiddleware",  # last: it holds the clinic's transaction while the page renders
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "clinics.pages.access.clinic_context",
                "clinics.pages.chrome.chrome",
            ],
            "builtins": ["clinics.pages.tags", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# People: e-mail log-in by allauth; nobody signs up by himself, an admin adds members.
AUTH_USER_MODEL = "clinics.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ACCOUNT_ADAPTER = "clinics.pages.account.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("es", _("Spanish")),
    ("it", _("Italian")),
    ("pt-br", _("Portuguese (Brazil)")),
    ("en", _("English")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.assets.NodeModulesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("TRUST_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 12 * 60 * 60
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Mail to staff (password resets, alerts) goes by the platform's own account, never by a clinic's.
_email = env.email_url("EMAIL_URL", default="consolemail://")
if _email["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
    _email["EMAIL_BACKEND"] = "config.platform_mail.PlatformMail"
vars().update(_email)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Avisa <avisa@localhost>")

# Sending. Seconds unless said otherwise; fault campaigns run with a tenth of them.
REDIS_URL = env.str("REDIS_URL")
LEASE_SECONDS = env.int("LEASE_SECONDS", default=60)
RECONCILE_SECONDS = env.int("RECONCILE_SECONDS", default=900)
DRAIN_SECONDS = env.int("DRAIN_SECONDS", default=20)
RING_SECONDS = env.float("RING_SECONDS", default=2.0)
SMTP_TIMEOUT_SECONDS = env.int("SMTP_TIMEOUT_SECONDS", default=15)
TWILIO_TIMEOUT_SECONDS = env.float("TWILIO_TIMEOUT_SECONDS", default=15)
#: For how long a failing account is let be at first. 0: never, for campaigns whose calls all fail on purpose.
BREAKER_SECONDS = env.float("BREAKER_SECONDS", default=60)
SENDER_THREADS = env.int("SENDER_THREADS", default=16)
#: How many of one clinic's reminders workers have in hand at most: two lanes of reminders.queue.CLAIM_EACH, so that an
#: account sees two connections at work, however many workers there are.
IN_FLIGHT_EACH = env.int("IN_FLIGHT_EACH", default=40)
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
SMTP_CA_FILE = env.str("SMTP_CA_FILE", default="")
MESSAGING_ALLOWED_PRIVATE_TARGETS = env.list("MESSAGING_ALLOWED_PRIVATE_TARGETS", default=[])
MESSAGING_PROVIDERS = {
    "smtp": "messaging.providers.smtp.SmtpProvider",
    "twilio": "messaging.providers.twilio.TwilioProvider",
}
#: The header in which a provider's callback is signed.
CALLBACK_SIGNATURES = {"twilio": "X-Twilio-Signature"}
#: Another address than the vendor's own, for the sandbox.
TWILIO_BASE_URL = env.str("TWILIO_BASE_URL", default="")
#: How long after a call was cut off the provider is first asked, and how long between two looks.
LOOK_SECONDS = env.int("LOOK_SECONDS", default=60)
#: How long after the hand-over a provider that has not said what became of a message is asked; the last time closes it.
RECEIPT_SECONDS = env.list("RECEIPT_SECONDS", cast=int, default=[900, 3600, 21_600, 86_400, 259_200])
#: For how long a callback about a message that nobody knows is kept before it is reported.
ORPHAN_SECONDS = env.int("ORPHAN_SECONDS", default=86_400)

#: A worker that takes up no ring for so long is mute and is restarted. Of N workers each gets every N-th ring.
WORKER_SILENT_SECONDS = env.int("WORKER_SILENT_SECONDS", default=120)
#: A worker told to stop ends the calls under way for so long, then leaves them to their marks. It exits a little later.
STOP_SECONDS = env.float("STOP_SECONDS", default=20)

# The sandbox (development, demo, tests): switched on by its token.
SANDBOX_TOKEN = env.str("SANDBOX_TOKEN", default="")
SANDBOX_URL = env.str("SANDBOX_URL", default="")
if SECURE and (SANDBOX_TOKEN or MESSAGING_ALLOWED_PRIVATE_TARGETS):
    raise ImproperlyConfigured(
        "SANDBOX_TOKEN and MESSAGING_ALLOWED_PRIVATE_TARGETS are for development: unset them to serve over https"
    )

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Django's request log would print URLs and, on errors, form data: the record of what happened is the database.
    # Twilio's client would print the number of a patient with each search, urllib3 the whole address.
    "loggers": {name: {"level": "WARNING"} for name in ("django.server", "twilio", "urllib3")},
}
