"""Pairs, gaps, intervals, tests, power, missing replies, errors of graders, stopping."""
