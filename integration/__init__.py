"""Station: talk to trackers, translate to our model, keep the store true.

In: deliveries from `webhooks.inbox`, pages from trackers, files. Out: `mappings.model` values in the store.
May import: `webhooks`, `mappings`, requests, jira, orjson, pydantic, cryptography; SQL in `store` only.
"""
