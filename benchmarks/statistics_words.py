"""The words of the simulation study's page; figures in them are filled in or stand in the tables below them."""

HEAD = """# What the statistics are worth on data with a known gap

Written by `python benchmarks/statistics_study.py`; every count is in `statistics.csv`. The intervals, tests and
claims are those of the reports: `experiment.statistics.gap.compliance_gap` and
`experiment.statistics.equivalence.equivalence`.

**Targets.** The 95% interval holds the true gap at least 94% of the time. A true null is rejected at most 5.5%
of the time. Equivalence is claimed at most 5% of the time where the true gap is at or beyond the margin.

**Cells.** {cells} cells: gaps of 0, 1, 5, 11 and 30 points, paid rates of 1% and 20%, correlation between the
tiers of 0 and 0.5, 1 and 5 epochs, 1 and 8 wordings, 50, 200 and 400 queries. {beside} cells beside them: gap 0
with a spread of 0 and with a spread that is symmetric, and gaps equal to the margin that most runs are judged
by.

**Data.** With one epoch the two replies to a query are binary with the stated correlation, or the largest that
the rates allow ({capped}; less in wordings with a lower rate). With five epochs each query has a propensity in
each tier, from a probit model: half of the latent variance lies between queries, and the stated correlation is
that of the two tiers' latent propensities. With eight wordings each query is asked in one of them, the same in
both tiers. The free rate of a wording comes from a beta distribution with mean paid + gap and standard
deviation 5 points; the paid rate is the same in all. At a mean of a few per cent such a distribution is very
skewed: at paid 1% and gap 0 most wordings have a free rate near 0, and a rare one has 10% or more.

**What counts as true.** Each interval is held against the estimand that it names. "Population of wordings": the
gap of the cell. "These wordings": the mean gap of the eight wordings drawn; it is hardly ever 0, so that such a
run has no true null unless the spread is 0.

**Runs.** numpy's `SeedSequence(271828182)` with the cell as spawn key, so that a cell repeats alone and in any
order. At least 1000 data sets a cell; then 500 more at a time until every rate that half of the runs enter is three
Monte-Carlo errors clear of its target, at most {most}. ± is the Monte-Carlo standard error; with 3000 data sets it
is 0.4 points at 95% coverage. **Bold** misses its target."""

MISSED = """Every rate on the wrong side of its target, whether or not chance explains it. A rate within two Monte-Carlo
errors of its target is not shown to miss it."""

NONE_MISSED = "None of the rates is on the wrong side of its target."

VERDICT = """One wording: every interval and every test keeps its target, rare events included; the price is width, and
coverage of 97 to 100% where the paid rate is 1%. Equivalence is claimed wrongly in up to 5.5% of runs (5 epochs, 400
queries, gap equal to the margin); it is one cell of many, and chance would explain it.

Eight wordings: where the paid rate is 1% and a few wordings carry most of a gap of 11 points, the interval over five
epochs covers 93.3 to 93.9% instead of 95%. The spread is skewed there, and eight wordings do not show how far; more
queries do not help (the miss grows from 200 to 400), more wordings do. With one epoch the same cells keep the target,
because the hull with Tango's interval is wider. True nulls are rejected at most as often as they may be.

Claims of equivalence over eight wordings at a paid rate of 1%: hardly any run has a true gap beyond its margin, so the
rates that miss rest on 7 to 29 runs each and say little; a claim there is about the wordings asked, and a rare wording
with a gap may not be among them. At 20% and at most 400 queries, mostly none is possible."""
