"""Data governance: people's requests about their data, exports, purges, and their clocks."""
