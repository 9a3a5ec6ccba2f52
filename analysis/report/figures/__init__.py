"""The figures of a report: each from plain rows, as SVG and PNG, with its words for who cannot see it."""
