"""Serve the stand-in models: `python -m simulated.server --help`."""

from simulated.server.app import main

main()
