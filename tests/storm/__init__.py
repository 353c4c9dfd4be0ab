"""Tieline under a storm: the product in a process of its own that lives in virtual time, and what it must withstand."""
