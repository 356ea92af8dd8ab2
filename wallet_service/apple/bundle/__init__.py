"""A face becomes pass.json, its strings, and the signed file."""
