"""System management: people, roles, places, menus, the audit log, and how one signs in."""
