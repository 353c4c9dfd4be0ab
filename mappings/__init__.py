"""Station: decide, with evidence.

In: frozen values of the backlog (`mappings.model`). Out: links, scopes, shares, roll-ups, findings.
Pure: no clock, no files, no network, no logging; `now` and `as_of` are arguments.
May import: the standard library without effects. Read it from `model` to `analysis`.
"""
