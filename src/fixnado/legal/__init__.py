"""What Fixnado publishes about itself, in versions, and who has acknowledged which of them."""
