"""`python -m cli`, the same as `alignment-faking`."""

from cli.main import main

main()
