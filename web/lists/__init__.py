"""The lists: the inbox, all tickets with filters, saved views, bulk actions and exports, a requester's own."""

from web.lists import bulk, exports, inbox, similar, tickets, views
from web.lists.area import blueprint, versioned

__all__ = ["blueprint", "bulk", "exports", "inbox", "similar", "tickets", "versioned", "views"]
