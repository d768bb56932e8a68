"""An installation of a size that nobody types in: the same one each time it is made."""
