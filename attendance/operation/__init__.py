"""What keeps an installation going: health, metrics, backups, keys, retention."""
