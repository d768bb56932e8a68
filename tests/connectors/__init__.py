"""Connectors: what a file says of a call, what is sent to a real server and comes back, and the secrets on the way."""
