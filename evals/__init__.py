"""What a researcher runs; importing it registers every task, solver, tool, scorer and provider with Inspect."""

from inspect_ai._util.registry import registry_add, registry_info, registry_unqualified_name

import evals.alignment_faking
import evals.battery
import evals.grader_agreement
import scorers.label_agreement
import scorers.scorers
import simulated.provider
import solvers.label_replay
import solvers.prompt_setup
import solvers.reply_store
import solvers.scratchpad_solver


def register_bare_names() -> None:
    """Register our scorers without their package too: a log names them so, and `inspect score` looks for that name.

    Inspect has no public way to do this. From a checkout it loads the file of the task instead; a wheel has none.
    """
    ours = scorers.scorers
    named = (ours.compliance, ours.announced, ours.outcome, ours.alignment_faking)
    for scorer in (*named, *ours.MOTIVES.values(), *scorers.label_agreement.LABEL_SCORERS.values()):
        info = registry_info(scorer)
        registry_add(scorer, info.model_copy(update={"name": registry_unqualified_name(info)}))


register_bare_names()
