"""What a run leaves behind: manifest, seal, ledger, queries, disclosures."""
