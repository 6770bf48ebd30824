"""Where people take part in the rehearsal day: pages, forms and one live stream each."""
