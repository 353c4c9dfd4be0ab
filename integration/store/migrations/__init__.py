"""The migrations of the database: forward only, the same on SQLite and PostgreSQL."""
