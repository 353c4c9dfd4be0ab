"""Jira Cloud: deliveries are hints, and the state of what they name is always fetched again."""
