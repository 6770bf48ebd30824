"""Keeps what both instances expose, second by second: `python -m golive.stage.scraper FOLDER`."""
