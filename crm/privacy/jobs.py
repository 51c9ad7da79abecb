"""Background work of privacy."""
