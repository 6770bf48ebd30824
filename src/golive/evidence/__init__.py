"""Evidence: artefacts, the vault that keeps them, its seal, and how a stranger verifies it."""
