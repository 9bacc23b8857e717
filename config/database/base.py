"""What settings.DATABASES names as ENGINE."""

import select

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper


class DatabaseWrapper(PostgresWrapper):
    """PostgreSQL; a request's first query is not preceded by one that asks whether the server is still there."""

    def is_usable(self) -> bool:
        """Whether the connection can be used; the server is asked only when it has said something by itself.

        A server that stops or hangs up can be heard: the socket has something to read. It may be a mere notice, too.
        """
        if self.connection is None or self.connection.closed:
            return False
        return self.is_silent() or super().is_usable()

    def is_silent(self) -> bool:
        """Whether nothing has come from the server since its last answer."""
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0)
