"""Owns where notices lead: the path of the ticket or the page that one is about, with and without a request around."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.notices.models import Leads
from tickets.notices.news import Whither

PATHS: Mapping[Leads, str] = {
    Leads.WAIVER: "/standards/waivers/%s",
    Leads.TYPE: "/types/%s",
    Leads.SUBJECTS: "/subjects?of=%s",
}


def path(about: Whither) -> str:
    """From the site's root."""
    return PATHS[about.leads] % about.target if about.leads is not None else f"/tickets/{about.number}"
