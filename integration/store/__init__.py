"""The store: fetched truth goes in (`writes`), model values and kept answers come out (`reads`).

Only this package and the inbox speak SQL; it runs on SQLite and PostgreSQL alike.
"""
