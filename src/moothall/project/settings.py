"""Settings, read from the environment. Everything a council must set is in docs/reference/settings.md."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from environs import Env
from marshmallow.validate import OneOf, Range

from moothall.words import DomainError

env = Env()

DATA_DIR = Path(env.str("MOOTHALL_DATA", "var")).absolute()
DEBUG = False
#: Empty only for commands that need no secret (migrations in a build); serving and working refuse to start without one.
SECRET_KEY = env.str("MOOTHALL_SECRET_KEY", "")
ALLOWED_HOSTS = env.list("MOOTHALL_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
#: True behind HTTPS, which is the default; the demo and tests on loopback switch it off.
HTTPS = env.bool("MOOTHALL_HTTPS", True)
#: Platforms on loopback addresses (the stand-ins, a network under test) are refused unless this is set.
ALLOW_LOOPBACK_PLATFORMS = env.bool("MOOTHALL_ALLOW_LOOPBACK_PLATFORMS", False)
#: Seconds in which a decision can be taken back before anything leaves.
UNDO_SECONDS = env.int("MOOTHALL_UNDO_SECONDS", 10, validate=Range(min=0, max=3600))
#: How far back comments are looked at where many are looked at at once, as a replay of the live database does.
RETENTION_DAYS = env.int("MOOTHALL_RETENTION_DAYS", 730, validate=Range(min=1, max=36_500))
#: Web processes, and requests that each handles at once.
WEB_WORKERS = env.int("MOOTHALL_WEB_WORKERS", 1, validate=Range(min=1, max=64))
WEB_THREADS = env.int("MOOTHALL_WEB_THREADS", 4, validate=Range(min=1, max=256))

#: An advisor gives second readings where an address is set; without one nothing is asked of anybody.
ADVISOR_URL = env.str("MOOTHALL_ADVISOR_URL", "")
ADVISOR_MODEL = env.str("MOOTHALL_ADVISOR_MODEL", "")
ADVISOR_KEY = env.str("MOOTHALL_ADVISOR_KEY", "")
#: Seconds for one question as a whole.
ADVISOR_TIMEOUT = env.float("MOOTHALL_ADVISOR_TIMEOUT", 8.0, validate=Range(min=1, max=60))
#: Whether the advisor may stand in the council's own network or on this machine, over plain http if need be.
ADVISOR_INSIDE = env.bool("MOOTHALL_ADVISOR_INSIDE", False)
if ADVISOR_URL and not ADVISOR_MODEL:
    raise DomainError("MOOTHALL_ADVISOR_URL is set: set MOOTHALL_ADVISOR_MODEL too.", "advisor_misconfigured")

INSTALLED_APPS = [
    "moothall.records",
    "moothall.team",
    "moothall.council",
    "moothall.inbox",
    "moothall.outbox",
    "moothall.moderation",
    "moothall.desk",
    "moothall.website",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "moothall.project.urls"
WSGI_APPLICATION = "moothall.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, object]] = {}
DATABASE_URL = env.str("DATABASE_URL", "")
if DATABASE_URL:
    try:
        _parts = urlsplit(DATABASE_URL)
        _parts.port  # noqa: B018 (raises for what is no number)
    except ValueError as error:
        # Without the address itself: it holds a password.
        raise DomainError(f"DATABASE_URL cannot be read: {error}.", "database_url") from None
    if _parts.scheme not in ("postgres", "postgresql"):
        raise DomainError(f"DATABASE_URL must begin with postgresql://, not {_parts.scheme}://", "database_url")
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": unquote(_parts.hostname or ""),
        "PORT": str(_parts.port or ""),
        "USER": unquote(_parts.username or ""),
        "PASSWORD": unquote(_parts.password or ""),
        "NAME": unquote(_parts.path.lstrip("/")),
        "CONN_MAX_AGE": 60,
    }
else:
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_DIR / "moothall.sqlite3"),
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }

AUTH_USER_MODEL = "team.Officer"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "moothall.team.sign_in.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "queue"
ACCOUNT_LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = env.str("MOOTHALL_STATIC_ROOT", "") or None
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS and env.bool("MOOTHALL_HTTPS_REDIRECT", True)
#: One proxy of the council's own in front, which sets X-Forwarded-Proto and X-Forwarded-For and lets nobody else set them.
BEHIND_PROXY = env.bool("MOOTHALL_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Otherwise all officers would share one address, and a stranger could use up their sign-ins.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100

LOG_LEVEL = env.str("MOOTHALL_LOG_LEVEL", "WARNING", validate=OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
