"""Who gets what: assignment rules, absences, skills, offers, the dispatch queue, and passing tasks on."""
