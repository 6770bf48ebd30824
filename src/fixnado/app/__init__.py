"""The service put together. Nothing but this package mounts a context's routes."""
