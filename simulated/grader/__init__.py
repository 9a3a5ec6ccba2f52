"""The stand-in grader."""
