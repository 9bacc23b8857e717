"""The second step of the back office's log-in: codes of an authenticator app (RFC 6238), and backup codes."""
