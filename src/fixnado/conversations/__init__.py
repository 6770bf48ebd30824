"""What buyers, providers and support say to each other."""
