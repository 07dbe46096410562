"""django-helpdesk as a site that gunicorn serves; runs in a virtual environment of its own."""

import os

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

settings.configure(
    SECRET_KEY="a bench keeps no secrets",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.sites",
        "django.contrib.humanize",
        "rest_framework",
        "helpdesk",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": "127.0.0.1",
            "PORT": os.environ["HELPDESK_PORT"],
            "USER": os.environ["HELPDESK_ROLE"],
            "NAME": os.environ["HELPDESK_DATABASE"],
            "CONN_MAX_AGE": 600,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    LOGIN_URL="helpdesk:login",
    LOGIN_REDIRECT_URL="helpdesk:list",
    MEDIA_ROOT=os.path.join(os.environ["HELPDESK_FOLDER"], "media"),
    STATIC_ROOT=os.path.join(os.environ["HELPDESK_FOLDER"], "static"),
    STATIC_URL="/static/",
    SITE_ID=1,
    USE_TZ=True,
    HELPDESK_TEAMS_MODE_ENABLED=False,
    # Else each page lists all 2,012 people as possible owners.
    HELPDESK_STAFF_ONLY_TICKET_OWNERS=True,
)
django.setup()

from django.contrib import admin  # noqa: E402  (what has tables is imported after the settings)
from django.contrib.auth import get_user_model  # noqa: E402
from helpdesk.models import Queue  # noqa: E402

urlpatterns = [
    path("", include("helpdesk.urls")),
    path("admin/", admin.site.urls),
]
application = get_wsgi_application()


def prepare(agents: int, requesters: int, queues: int, password: str) -> None:
    """Make the tables, the people and the queues."""
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0)
    people = get_user_model().objects
    for n in range(agents):
        # The first one signs in.
        told = password if n == 0 else None
        people.create_user(f"agent{n}", f"agent{n}@example.org", told, is_staff=True)
    for n in range(requesters):
        people.create_user(f"requester{n}", f"requester{n}@example.org")
    for n in range(queues):
        Queue.objects.create(title=f"Queue {n}", slug=f"queue{n}", allow_public_submission=True)
