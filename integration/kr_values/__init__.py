"""Where values of key results live: an endpoint that answers JSON, a CSV by address or as a file, a database, Mixpanel.

In: what the register declares in `values`, read when it says. Out: values with their moments, kept as check-ins are, so
that no reading makes a version of the plan. May import the store, `mappings`, requests; decides no figure.
"""
