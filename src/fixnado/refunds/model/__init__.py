"""Cases, their clocks and who may decide: rules that need no database."""
