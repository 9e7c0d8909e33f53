"""The process side of `icdref serve`: granian's workers, the front before Flask, its cache, metrics and access log.

Nothing in here is reached by `icdref.register(app)`: on a host application the host's own authentication must see every
request, so the fast path belongs to `icdref serve` alone.
"""
