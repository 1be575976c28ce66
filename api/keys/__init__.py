"""API keys: `vv_<id>_<secret>`, shown once, kept as a hash, revoked at once."""
