"""A broadcast on a test's database, in a process of its own, so that it can be killed."""

import os
import sys


def main(broadcast_id: int, limit: int) -> None:
    """Tell chunk by chunk, saying when each begins."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = os.environ["BROADCAST_TEST_DATABASE"]
    django.setup()
    from django.utils import timezone

    from config.core.db import edge_transaction
    from members.services import broadcasts

    goes_on, number = True, 0
    while goes_on:
        number += 1
        print(f"begins {number}", flush=True)  # noqa: T201
        with edge_transaction():
            goes_on = broadcasts.send_next(broadcast_id=broadcast_id, at=timezone.now(), limit=limit).goes_on
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
