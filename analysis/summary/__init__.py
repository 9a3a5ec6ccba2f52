"""The numbers of runs, each a named and explained column."""
