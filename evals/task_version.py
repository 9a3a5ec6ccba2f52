"""The task version `N-X` of every task: results of different N are not comparable.

Any edit to a shipped prompt, query or rubric raises N; a change of the arguments alone changes X.
"""

VERSION = "4-B"
