"""From names on a command line to the exact text that is sent."""
