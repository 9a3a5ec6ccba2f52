"""Sections, tables, figures and pages of a report."""
