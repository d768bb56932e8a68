"""Who is told what happened to a ticket, and by which channel (decision 0011)."""
