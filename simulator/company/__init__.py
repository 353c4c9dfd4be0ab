"""The fictitious payments company on the simulated site: its work, its sprints and its OKR register."""
