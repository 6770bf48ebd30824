"""Small vaults to verify, copy and attack."""
