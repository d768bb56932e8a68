"""Service levels: business calendars, what is promised by type and priority, and the clocks that measure it."""
