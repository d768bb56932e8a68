"""Backup: one archive of the database and the files, made while Gongdan runs, checked before it is restored."""
