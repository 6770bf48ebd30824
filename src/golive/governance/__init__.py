"""People and roles, their keys and acts."""
