#!/usr/bin/env python
"""Django's command line."""

import os
import sys

_NEEDS_NO_SERVERS = {
    "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages", "spectacular",
    "startapp", "startproject", "version", "--help", "-h", "--version",
}  # fmt: skip


def main() -> None:
    """Run a management command, with the embedded servers up when no others are configured."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.core.garbage import look_seldom

    look_seldom()
    if len(sys.argv) > 1 and sys.argv[1] not in _NEEDS_NO_SERVERS:
        _ensure_servers()
    execute_from_command_line(sys.argv)


def _ensure_servers() -> None:
    """Start what no URL is configured for; `.env` may configure one."""
    import environ

    from config import embedded
    from config.embedded.places import ROOT

    environ.Env.read_env(ROOT / ".env")
    try:
        embedded.ensure(os.environ.get("MALL_EMBEDDED_PROFILE", "run"))
    except embedded.EmbeddedError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
