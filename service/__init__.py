"""Station: wire the packages together: application, command line, settings, logs. It decides nothing."""
