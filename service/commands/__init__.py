"""Commands of `tieline`, one module a command; each is thin: read arguments, call, print."""
