"""Undecided licence notices of a sealed run, read again and shown to a slow detector: on request, never in a scan."""
