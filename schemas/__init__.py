"""The shapes that cross a boundary: records, findings, sources, errors, canonical JSON."""
