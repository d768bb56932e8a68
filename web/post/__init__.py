"""Sending out what people are told: mail by SMTP, messages to robots and webhooks, by jobs of a drain of their own."""
