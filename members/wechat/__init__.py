"""WeChat: one thin client for log-in, phone numbers and whatever needs the apps' access token."""
