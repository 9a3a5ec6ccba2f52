"""Asking a grader: the request, its answer, and the verdict that it amounts to."""
