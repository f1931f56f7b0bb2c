"""What guardians do with the links that they were sent."""
