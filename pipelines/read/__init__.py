"""From stored bytes to record batches: one file a format, one reading rule each (data-path §3)."""
