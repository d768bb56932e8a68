"""Connectors: calls that processes make to other systems, and the secrets they make them with (docs/connectors.md)."""
