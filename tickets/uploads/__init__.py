"""Reading and checking what is uploaded, in a process of its own that can be stopped (see its decision record)."""
