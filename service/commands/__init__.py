"""Commands of `tieline`, one module a command; each is thin: read arguments, call, print."""

OPERATOR = "operator"  # who acts at the command line, in the log
