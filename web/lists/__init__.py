"""The lists: the inbox, all tickets with filters, saved views, bulk actions and exports, a requester's own."""

from web.lists import inbox
from web.lists.area import blueprint, versioned

__all__ = ["blueprint", "inbox", "versioned"]
