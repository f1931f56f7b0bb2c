"""What attendance/spreadsheets promises."""
