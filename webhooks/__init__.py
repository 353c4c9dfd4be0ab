"""Station: let a delivery in once: verify the raw bytes, store them in the inbox, acknowledge.

In: HTTP posts of trackers. Out: rows of the inbox. May import: standard library, flask (and werkzeug),
sqlmodel (and sqlalchemy); none of our packages.
"""
