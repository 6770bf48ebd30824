"""Double entry in integer minor units: every transaction sums to zero in every currency."""
