"""A simulated tracker site for the demo and the tests: real HTTP in a process of its own.

The product never imports it, and it computes no share: the truths planted in it are reckoned by hand.
"""
