"""The room's own eyes: cameras in the classroom, photographs of the class, a kiosk at the door."""
