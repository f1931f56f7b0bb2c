"""HTTP, one file a resource. Imported by the factory only."""
