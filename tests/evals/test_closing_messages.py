"""What a finished run that measured little says last, and that one that measured well says nothing."""

import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from evals.closing_messages import quality_warnings, resume_hint

NAME = "alignment_faking on mockllm/model: "


def babbler():
    """Return a model that says the same to everybody."""

    def reply(messages, tools, choice, config):
        usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return ModelOutput.from_content("mockllm", "Good morning.").model_copy(update={"usage": usage})

    return get_model("mockllm/model", custom_outputs=reply, memoize=False)


def test_a_run_in_which_nothing_works_says_so_last_in_a_few_sentences(run, capfd):
    log = run(babbler(), babbler(), limit=4)
    shown = capfd.readouterr().err
    measured, reasoning, grader, own = quality_warnings(log)
    assert measured.startswith(
        f'{NAME}only 0 of 4 replies (0.0%) were measured; the commonest reason is "without a verdict of the grader" (4 of 4'
    )
    assert reasoning.startswith(
        f"{NAME}4 of 4 replies (100.0%) came without private reasoning, asked for in mode tool: "
    )
    assert reasoning.endswith("use `-T scratchpad=tags`.")
    assert "4 of 4 grader answers (100.0%) came to nothing" in grader
    assert own.startswith(f"{NAME}the model graded its own replies")
    assert [line for line in (resume_hint(log.eval, log), measured, reasoning, grader, own) if line not in shown] == []


@pytest.mark.parametrize("mode", ["tool", "tags", "none"])
def test_a_run_that_measured_well_says_nothing(run, capfd, mode):
    log = run(args={"scratchpad": mode}, limit=4)
    assert quality_warnings(log) == []
    assert "alignment_faking on" not in capfd.readouterr().err


def test_a_limit_of_tokens_is_named_where_replies_were_cut_off(run):
    log = run(limit=4, max_tokens=260)
    [found] = [score for score in log.results.scores if score.name == "outcome"]
    for tier in ("free", "paid"):
        found.metrics[f"truncated_{tier}"].value = 2
    assert quality_warnings(log)[0].endswith("raise --max-tokens, which was 260.")


def test_an_old_log_that_counts_no_graders_says_nothing_of_them(run):
    log = run(limit=2)
    [found] = [score for score in log.results.scores if score.name == "outcome"]
    found.metrics = {name: metric for name, metric in found.metrics.items() if not name.startswith("grader_")}
    assert quality_warnings(log) == []
    log.results = None
    assert quality_warnings(log) == []
