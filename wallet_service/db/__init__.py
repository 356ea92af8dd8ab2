"""What the service remembers: tables, sessions, queries, migrations."""
