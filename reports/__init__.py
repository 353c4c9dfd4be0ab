"""Station: what people see: pages, JSON, exports, and who may come in.

In: kept answers of `integration.store`. Out: HTML, JSON, CSV, Markdown. May import: `mappings`,
`integration` but its trackers, `webhooks.inbox`, flask, apiflask, pydantic; no tracker, no SQL.
"""
