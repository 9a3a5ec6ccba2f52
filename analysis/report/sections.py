"""What a report says, section by section."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

from analysis.report import checkpoints, figure_data
from analysis.report.cell_formatting import words
from analysis.report.pages.blocks import Figure, Quotation, Section, Table
from analysis.report.report_inputs import Material
from analysis.report.tables.comparison_tables import comparison_table, contrasts_table
from analysis.report.tables.gap_tables import parts_tables, power_table, references_table, variants_table
from analysis.report.tables.grader_health import health_table, options_table
from analysis.report.tables.grader_tables import (
    corrected_table,
    definitions_table,
    grader_notes,
    motives_table,
    records_table,
)
from analysis.report.tables.main_table import hashes_table, logs_table, main_table, reading_notes
from analysis.report.tables.missing_replies import reasoning_table, reasons_table
from analysis.report.tables.pattern_tables import decided, rules_table, verdict_table
from analysis.summary.published_figures import CAVEAT, LIMITS
from analysis.summary.results import PACKAGES

NOT_CAUSAL = (
    "The gap without alignment-faking replies leaves out every pair in which a reply has such reasoning. That selects "
    "replies by what followed the same prompt, so the difference between the two gaps is not what the reasoning causes."
)
VERDICTS = (
    "A model's runs in several conditions are read together, by fixed rules. Each claim rests on its limits alone; "
    "undecided means that they allow both, and says what would settle it."
)
NO_BATTERY = "No run of a main condition is here, so there is nothing to read together (see the battery in the README)."
METHODS = (
    "A pair is one query in two tiers, in the same wording and epoch. The gap is the trained tier's compliance minus "
    "the untrained tier's, over complete pairs.",
    "One wording and one reply per query and tier: Newcombe's paired interval (1998, method 10) and the mid-p McNemar "
    "test. Several wordings: Tango's interval; from five wordings with 20 pairs each, the hull of that and a t "
    "interval over the wordings' gaps, which speaks of the population of wordings. Several epochs: per-query "
    "differences with pseudo-queries, and a sign-flip test by query.",
    "No gap within a margin is claimed where the 90% interval lies inside the margin; the margin follows from the "
    "number of pairs and the untrained rate, and where none is within reach no such claim is possible.",
    "Confirmatory p-values (main gaps in the main condition, and their differences between models) are corrected by "
    "Holm's method, exploratory ones by Benjamini and Hochberg's.",
    "Missing replies: the rate over the measured replies, and beside it the worst-case bounds (Manski) with Imbens and "
    "Manski's interval. Rates have Wilson's interval; a zero count has its upper limit, z^2 / (n + z^2), about 3.8/n.",
    "Corrections for a grader's errors: the gap over sensitivity + specificity - 1 with the delta method's variance; a "
    "rate by Rogan and Gladen with Lang and Reiczigel's interval.",
)
LIMITATIONS = (
    "In simulations with known gaps the 95% intervals covered at least 94% of the time, with one exception: over eight "
    "wordings of which a few carry most of the gap, with several epochs and little compliance in the untrained tier, "
    "93.3%. More wordings help there, more queries do not.",
    "No gap within a margin is a claim about the wordings asked: a rare wording with a gap may not be among them. "
    "Where both tiers comply often, few hundred queries allow no such claim (figures: benchmarks/statistics.md).",
    "A model may recognise a published setting, refuse to play along, or hide its reasoning: a null does not show the "
    "absence of alignment faking.",
    "Native reasoning is often a provider's summary, not the raw text.",
    "A grader without a calibration record has not been validated. Errors that are as frequent in both tiers shrink a "
    "gap and inflate rare rates; errors that differ by tier can make a gap or hide one, and no correction shows that.",
    "Twelve intervals by category or wording exclude 0 somewhere in four of ten runs without any gap: none of them is "
    "a finding by itself.",
    "Comparisons of models and contrasts between conditions speak of these queries.",
)


def sections(material: Material, quoted: Mapping[str, Sequence[Quotation]]) -> tuple[Section, ...]:
    """Return the sections of a report, in reading order, with quotations by kind."""
    read = material.read
    return (
        Section(
            "results",
            "Results",
            tables=(main_table(read.summaries)._replace(notes=tuple(reading_notes(read.summaries, ()))),),
            figures=_drawn(figure_data.gaps(read.summaries)),
        ),
        _verdicts(material),
        Section(
            "published",
            "Published figures, for context",
            (CAVEAT, LIMITS),
            (references_table(read.summaries), *_filled(variants_table(read.runs, read.summaries))),
        ),
        _parts(material),
        Section(
            "unmeasured",
            "What was not measured",
            tables=_filled(reasons_table(read.summaries), reasoning_table(read.summaries)),
        ),
        _conditions(material),
        Section("models", "Models compared", tables=_filled(comparison_table(material.comparisons))),
        Section("power", "What these runs could have seen", tables=(power_table(read.summaries),)),
        _reasoning(material),
        _graders(material),
        *(
            Section(f"quotations-{number}", f"Quoted: {kind}", quotations=tuple(each))
            for number, (kind, each) in enumerate(quoted.items(), start=1)
        ),
        *_methods(material),
    )


def _verdicts(material: Material) -> Section:
    found = material.verdicts
    tables = (decided(found), *map(verdict_table, found), rules_table()) if found else ()
    return Section("verdicts", "What the conditions show together", (VERDICTS,) if found else (NO_BATTERY,), tables)


def _parts(material: Material) -> Section:
    labelled = list(zip(material.read.summaries, material.breakdowns, strict=True))
    drawn = _drawn(
        figure_data.outcomes(material.read.summaries, material.breakdowns),
        figure_data.gaps_by_wording(material.read.summaries, material.breakdowns),
    )
    return Section("parts", "What the gaps are made of", (NOT_CAUSAL,), _filled(*parts_tables(labelled)), drawn)


def _conditions(material: Material) -> Section:
    tables = _filled(contrasts_table(material.contrasts))
    figures = _drawn(figure_data.conditions(material.contrasts), *checkpoints.figures(material.read.summaries))
    return Section("conditions", "Conditions and contrasts", (), tables, figures)


def _reasoning(material: Material) -> Section:
    summaries = material.read.summaries
    drawn = _drawn(figure_data.reasoning(summaries))
    return Section("reasoning", "What the private reasoning says", (), _filled(motives_table(summaries)), drawn)


def _graders(material: Material) -> Section:
    summaries, records = material.read.summaries, material.read.records
    tables = _filled(
        health_table(summaries), definitions_table(summaries), records_table(records), corrected_table(summaries)
    )
    drawn = _drawn(figure_data.graders(records))
    return Section(
        "graders", "How far the grades can be trusted", (), tables, drawn, points=tuple(grader_notes(summaries))
    )


def _methods(material: Material) -> tuple[Section, ...]:
    versions = tuple(words(name, version(name)) for name in PACKAGES)
    return (
        Section("methods", "Methods", METHODS, tables=(Table("Versions", ("package", "version"), versions),)),
        Section("limits", "Limits", points=LIMITATIONS),
        Section(
            "logs",
            "Logs and hashes",
            tables=_filled(
                options_table(material.read.summaries),
                logs_table(material.read.summaries, material.read.left_out),
                hashes_table(material.read.runs, material.read.summaries),
            ),
        ),
    )


def _drawn(*figures: Figure | None) -> tuple[Figure, ...]:
    return tuple(figure for figure in figures if figure)


def _filled(*tables: Table) -> tuple[Table, ...]:
    return tuple(table for table in tables if table.rows)
