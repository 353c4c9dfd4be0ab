"""Measures the product beside its limits: small honest programs that do only what cannot be avoided."""
