"""Messages to where people already are: chat, mail, and the systems of others by signed webhooks.

In: what the store learnt since somebody asked to be told. Out: messages in the store, each composed once and sent by a
worker until it was taken. May import: the store, `mappings`, requests. Nothing here decides a figure or shows a page.
"""
