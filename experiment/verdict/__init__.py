"""From the runs of a battery to the patterns that hold."""
