"""Files in and out: the backlog file, exports of Jira, the OKR register."""
