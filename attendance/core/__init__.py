"""What everything else stands on: settings, errors, keys, time, the audit trail."""
