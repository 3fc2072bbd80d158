"""Telling other programs what happened, after Standard Webhooks (https://www.standardwebhooks.com)."""
