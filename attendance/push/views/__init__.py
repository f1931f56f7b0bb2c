"""Push over HTTP, one file a resource."""
