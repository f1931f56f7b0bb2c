"""A cluster on one machine: databases, Redis, servers and what stands before them; its faults."""
