"""A backup is one tar file: the database, the uploaded files, and a manifest with the hash of each. Never the keys."""
