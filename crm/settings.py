"""Settings, read from the environment (and from `.env`, if there is one).

Every variable is explained in `.env.example`.
"""

import re
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from crm import database

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

VERSION = re.findall(r"^## (\S+)", (BASE_DIR / "CHANGELOG.md").read_text(), re.M)[0]

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY is not set (or set DEBUG=true to try things out)")
    SECRET_KEY = "for-development-only-never-on-a-server"  # noqa: S105 (refused without DEBUG)

SITE_URL = env.str("SITE_URL", f"http://localhost:{env.str('PORT', '8000')}").rstrip("/")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else []
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The organisation
ORGANISATION_NAME = env.str("ORGANISATION_NAME", "ECPAT Belgique")
ORGANISATION_URL = env.str("ORGANISATION_URL", "https://www.ecpat.be")
ORGANISATION_EMAIL = env.str("ORGANISATION_EMAIL", "info@example.org")
ORGANISATION_FOUNDED = env.int("ORGANISATION_FOUNDED", 1993)  # 0: not shown
ORGANISATION_ADDRESS = env.str("ORGANISATION_ADDRESS", "")
# Its bank account: where donors transfer gifts to. The one of development takes no money.
ORGANISATION_IBAN = env.str("ORGANISATION_IBAN", "BE68539007547034" if DEBUG else "")
ORGANISATION_IBAN = ORGANISATION_IBAN.replace(" ", "").upper()
ORGANISATION_BIC = env.str("ORGANISATION_BIC", "").replace(" ", "").upper()
ORGANISATION_BANK_NAME = env.str("ORGANISATION_BANK_NAME", "") or ORGANISATION_NAME
# Other accounts of which statements are read too.
OTHER_IBANS = [iban.replace(" ", "").upper() for iban in env.list("OTHER_IBANS", default=[])]
# The digits with which our structured communications begin, where others use the same account.
COMMUNICATION_PREFIX = env.str("COMMUNICATION_PREFIX", "")
# Whether a transfer from a donor's known account, under the same name, is matched without asking.
MATCH_KNOWN_ACCOUNTS = env.bool("MATCH_KNOWN_ACCOUNTS", True)
# Tax certificates: only for institutions that the tax authority has recognised.
TAX_CERTIFICATES = env.bool("TAX_CERTIFICATES", False)
ORGANISATION_ENTERPRISE_NUMBER = env.str("ORGANISATION_ENTERPRISE_NUMBER", "")
ORGANISATION_PHONE = env.str("ORGANISATION_PHONE", "")
TAX_CONTACT = env.str("TAX_CONTACT", "")
# Keys under which donors' national numbers are encrypted; the first for new ones.
NATIONAL_NUMBER_KEYS = env.list(
    "NATIONAL_NUMBER_KEYS",
    default=["Zm9yLWRldmVsb3BtZW50LW9ubHktbmV2ZXItcmVhbC0="] if DEBUG else [],
)
REPORT_ABUSE_URL = env.str("REPORT_ABUSE_URL", "https://www.jedisstop.be")
FILE_MAX_BYTES = env.int("FILE_MAX_BYTES", 10_485_760)  # of a file on a supporter's page

# Applications
INSTALLED_APPS = [
    "crm",  # first, so that its templates take the place of others' with the same name
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "anymail",
    "csp",
    "django_countries",
    "drf_spectacular",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "rest_framework",
    "payments",
    "dashboard",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.public.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.staff.acting.ActingMiddleware",
    "crm.staff.following.FollowMerges",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
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
                "crm.public.context.organisation",
            ]
        },
    }
]

# Database and jobs
DATABASES = {"default": database.configuration(env.str("DATABASE_URL", ""), BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = [
    "crm.queue",
    "crm.people.jobs",
    "crm.mailing.jobs",
    "crm.mailing.task_jobs",
    "crm.mailing.privacy_jobs",
    "crm.mailing.consent_jobs",
    "crm.privacy.jobs",
    "crm.campaigns.jobs",
    "crm.campaigns.delivery_jobs",
    "crm.campaigns.lead_jobs",
    "crm.donations.jobs",
    "crm.programmes.jobs",
    "crm.programmes.partner_jobs",
    "crm.exchange.jobs",
    "crm.exchange.dump_jobs",
    "crm.segments.jobs",
    "crm.reports.jobs",
    "crm.public.donor_jobs",
]

# Facebook's lead forms: without all three, their webhook is not there
FACEBOOK_APP_SECRET = env.str("FACEBOOK_APP_SECRET", "")
FACEBOOK_VERIFY_TOKEN = env.str("FACEBOOK_VERIFY_TOKEN", "")
FACEBOOK_PAGE_TOKEN = env.str("FACEBOOK_PAGE_TOKEN", "")
FACEBOOK_GRAPH_URL = env.str("FACEBOOK_GRAPH_URL", "https://graph.facebook.com/v25.0").rstrip("/")

# Language and time
LANGUAGE_CODE = "fr"
# The largest file that staff may import, in bytes.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 200 << 20)
# A batch of gifts is one form with a few fields in each of its rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000

LANGUAGES = [("fr", _("French")), ("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Brussels"

# Sign-in
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/staff/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "crm.staff.signin.ClosedAccountAdapter"
# Sign-in attempts are counted per address, which a proxy in front hides.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Static files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
STATICFILES_DIRS = [("plotly", BASE_DIR / "node_modules" / "plotly.js-basic-dist-min")]
STATICFILES_DIRS = [entry for entry in STATICFILES_DIRS if entry[1].is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# While developing, files are served from where they are written: nothing was collected.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# Mail: files that /dev/mail/ shows while developing, a provider of django-anymail on a server
MAIL_FOLDER = VAR / "mail"
EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    "django.core.mail.backends.filebased.EmailBackend"
    if DEBUG
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = MAIL_FOLDER
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{ORGANISATION_NAME} <{ORGANISATION_EMAIL}>")
ANYMAIL = {
    key.removeprefix("ANYMAIL_"): env.str(key) for key in env.ENVIRON if key.startswith("ANYMAIL_")
}

# Stripe: without a key, development talks to the local Stripe of payments/sandbox
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "")
if DEBUG and not (STRIPE_SECRET_KEY or STRIPE_WEBHOOK_SECRET):
    STRIPE_SECRET_KEY = "sk_test_sandbox"  # noqa: S105 (the local Stripe takes any test key)
    STRIPE_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 (likewise)
    STRIPE_API_BASE = STRIPE_API_BASE or "http://127.0.0.1:12111"
DONATION_CURRENCIES = [c.strip().upper() for c in env.list("DONATION_CURRENCIES", default=["EUR"])]
DONATION_MINIMUM = env.int("DONATION_MINIMUM", 100)  # in cents, as the next
DONATION_MAXIMUM = env.int("DONATION_MAXIMUM", 1_000_000)

# Card testing: what the donation form lets through in an hour, and what is an attack
DONATIONS_PER_ADDRESS = env.int("DONATIONS_PER_ADDRESS", 10)
DONATIONS_PER_BROWSER = env.int("DONATIONS_PER_BROWSER", 5)
DONATIONS_WITHOUT_PROOF = env.int("DONATIONS_WITHOUT_PROOF", 3)
DECLINES_PER_ADDRESS = env.int("DECLINES_PER_ADDRESS", 3)
ATTACK_DECLINES = env.int("ATTACK_DECLINES", 20)  # in ten minutes
PROOF_WORK = env.int("PROOF_WORK", 50_000)  # hashes at most
ATTACK_PROOF_WORK = env.int("ATTACK_PROOF_WORK", 400_000)
# Signing: what is taken from one network in an hour; more is held back for staff to look at
SIGNATURES_PER_NETWORK = env.int("SIGNATURES_PER_NETWORK", 30)
SIGNATURES_WITHOUT_PROOF = env.int("SIGNATURES_WITHOUT_PROOF", 3)
ABANDONED_DAYS = env.int("ABANDONED_DAYS", 7)  # then an abandoned checkout forgets who it was

# Privacy: the key of the hashes that are left of addresses which are not to be used
SUPPRESSION_KEY = env.str("SUPPRESSION_KEY", "for-development-only" if DEBUG else "")
if not SUPPRESSION_KEY:
    raise ImproperlyConfigured("SUPPRESSION_KEY is not set: it keeps erased addresses away")
# Below this age a parent agrees (GDPR article 8; 13 in Belgium).
AGE_OF_CONSENT = env.int("AGE_OF_CONSENT", 13)
# For which purposes a box counts only once the address was confirmed by a mail.
DOUBLE_OPT_IN = env.list("DOUBLE_OPT_IN", default=["newsletter", "appeals"])

# Packs of signatures for the authority are signed with it: 32 bytes in base64. Empty: they are not.
DELIVERY_SIGNING_KEY = env.str(
    "DELIVERY_SIGNING_KEY", "Zm9yLWRldmVsb3BtZW50LW9ubHktbmV2ZXItcmVhbCE=" if DEBUG else ""
)

# How many full years the accounts of a year are kept, by the first year for which that holds
ACCOUNTS_KEPT = {
    int(first): int(years)
    for first, years in env.dict("ACCOUNTS_KEPT", default={"1900": "7"}).items()
}

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [NONCE, SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Leaving for Stripe's page is a redirect after a form, which browsers check too.
        "form-action": [
            SELF,
            "https://checkout.stripe.com",
            "https://billing.stripe.com",
            *filter(None, [STRIPE_API_BASE]),
        ],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_SUBDOMAINS", True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# The look of staff pages; their colours are in static/staff/staff.css
UNFOLD = {
    "SITE_TITLE": "Soutien",
    "SITE_HEADER": "Soutien",
    "SITE_SUBHEADER": ORGANISATION_NAME,
    "SITE_URL": "/",
    "SITE_ICON": "crm.staff.look.icon",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "sizes": "any", "href": "crm.staff.look.icon"}
    ],
    "STYLES": ["crm.staff.look.stylesheet"],
    "SCRIPTS": ["crm.staff.look.script"],
    "ENVIRONMENT": "crm.staff.look.environment",
    "BORDER_RADIUS": "8px",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": True,
    "SIDEBAR": {"navigation": "crm.staff.navigation.sections"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["crm.api.access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["crm.api.access.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["crm.api.hal.HalRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api.hal.JsonParser", "crm.api.hal.HalParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "crm.api.hal.Negotiation",
    "DEFAULT_THROTTLE_CLASSES": ["crm.api.access.TokenThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "crm.api.errors.answer",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Soutien",
    "DESCRIPTION": "Supporters, petitions, signatures and donations in OSDI's shapes.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "PREPROCESSING_HOOKS": ["crm.api.schema.without_slashes"],
    "POSTPROCESSING_HOOKS": [],  # else lists of choices get names that OpenAPI does not allow
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "crm.lib.logs.WithoutValues",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    # Addresses of pages may hold tokens.
    "filters": {"routes": {"()": "crm.lib.logs.RoutesOnly"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["routes"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # What a visitor got wrong is not logged.
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
    },
}
