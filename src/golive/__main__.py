"""`python -m golive`."""

from golive.main import main

main()
