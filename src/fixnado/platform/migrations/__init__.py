"""How the database comes to its present shape.

Expand and contract: two versions of the service run on one database, so a revision adds and never
takes away what the version before it still reads.
"""
