"""Writing back to trackers: what people want becomes a preview, the preview a record, and only the record is sent.

In: a wish of a person, the store's backlog, what the tracker says of the items. Out: runs and their changes in the
store, sent by a worker. May import: the store, the trackers' contract, `mappings`. Nothing here is done unasked: no
delivery, finding or clock ever makes a run.
"""
