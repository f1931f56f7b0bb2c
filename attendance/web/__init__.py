"""What every call over HTTP shares."""
