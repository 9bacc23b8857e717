"""Why a backup is not made or not restored."""


class BackupRefused(Exception):
    """The message says what to do; nothing has been changed."""
