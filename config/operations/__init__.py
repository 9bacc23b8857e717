"""What whoever runs the shop sees of it: health, metrics, logs, limits, backups."""
