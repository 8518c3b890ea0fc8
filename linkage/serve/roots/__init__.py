"""The fields of the root, by what they are about."""
