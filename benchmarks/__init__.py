"""Measurements: of speed beside facenet-pytorch, and the golden numbers of its results."""
