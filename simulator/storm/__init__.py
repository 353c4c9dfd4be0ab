"""A storm over a simulated Jira site: edits by the thousand, deliveries lost, doubled and late, an outage, kills."""
