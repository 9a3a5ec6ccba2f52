"""A report as data, and its pages."""
