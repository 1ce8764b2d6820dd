"""Files, Beam and the command line."""
