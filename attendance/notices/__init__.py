"""Rules about absences, and who is told when one of them finds somebody."""
