"""Parts of a stage that tests can hold by themselves."""
