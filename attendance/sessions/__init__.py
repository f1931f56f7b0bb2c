"""Sessions and their marks: the heart of the house."""
