"""Webhooks: what happened, told to other systems by signed calls that are repeated until they are taken."""
