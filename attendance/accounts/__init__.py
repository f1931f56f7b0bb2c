"""Teachers, students and devices: who they are and what they may do."""
