"""The shipped ticket types: a folder each, with its process and its forms; data only."""
