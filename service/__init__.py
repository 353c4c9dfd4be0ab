"""Station: wire the packages together: application, command line, settings, logs. It decides nothing.

In: the environment, arguments, requests. Out: processes that serve and work, and what commands print.
May import: everything but the simulator.
"""
