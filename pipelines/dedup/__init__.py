"""Copies across a run, by files: exact ones, near ones, who stays and why (data-path §9). One step a file; `graph` wires them."""
