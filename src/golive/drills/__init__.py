"""One file per drill. Registered in bootstrap."""
