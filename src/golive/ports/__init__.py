"""Protocols of the outside world. An adapter implements one; a drill sees nothing else of it.

Every method raises `kernel.errors.PortError` (or a subclass) and no other exception of the outside.
"""
