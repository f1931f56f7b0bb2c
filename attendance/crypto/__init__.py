"""Keys, encryption at rest, and tokens that are hashed or signed."""
