"""`python -m config.prepare`: bring the database up to date and load the demo shop into an empty one."""

import os

import django
import environ
from django.conf import settings
from django.core.management import call_command, get_commands

from config.core.garbage import look_seldom


def main() -> None:
    """Do what has to be done before the shop opens; nothing when it was done before."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    look_seldom()
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("sync_roles", verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    if environ.Env().bool("DEMO", default=settings.DEBUG) and "demo" in get_commands():
        call_command("demo", if_empty=True)


if __name__ == "__main__":
    main()
