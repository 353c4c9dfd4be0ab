"""Station: let a delivery in once: verify the raw bytes, store them in the inbox, acknowledge.

In: HTTP posts of trackers (ASGI). Out: rows of the inbox. May import: standard library,
sqlmodel (and sqlalchemy); none of our packages.
"""
