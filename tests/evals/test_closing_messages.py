"""What a finished run that measured little says last, and that one that measured well says nothing."""

from collections import Counter

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


def test_a_shuffled_run_that_tears_pairs_apart_says_how_many_samples_are_alone(run):
    log = run(limit=12, sample_shuffle=7, args={"scratchpad": "tags"})
    queries = Counter(sample.metadata["query"] for sample in log.samples)
    alone = sum(number == 1 for number in queries.values())
    [said] = quality_warnings(log)
    assert said.startswith(f"alignment_faking on simulated/faker: {alone} of 12 samples ({100 * alone / 12:.1f}%) were")
    assert alone > 6


def raising(message):
    """Return a model whose provider refuses every request in some words."""

    def refuse(messages, tools, choice, config):
        raise RuntimeError(message)

    return get_model("mockllm/model", custom_outputs=refuse, memoize=False)


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Error code: 400 - {'message': 'this model does not support tools'}", "use -T scratchpad=tags"),
        ("Error code: 400 - {'message': \"Unsupported value: 'temperature'\"}", "leave out --temperature"),
        ("Error code: 400 - {'message': 'roles must alternate user/assistant'}", "use -T scratchpad=tags, or give"),
        ("{'tool_choice': 'auto'}\n" * 900 + "Error code: 404 - no such model", "`inspect eval-retry "),
        ("the server is on fire", "`inspect eval-retry "),
    ],
)
def test_the_advice_after_an_error_is_what_can_help(run, message, advice):
    log = run(raising(message), limit=2)
    hint = resume_hint(log.eval, log)
    assert log.status == "error"
    assert advice in hint
    assert ("eval-retry" in hint) == ("eval-retry" in advice)
    assert message.splitlines()[-1][-12:] in hint.replace('\\"', '"')
    assert len(hint) < 1000


def test_a_run_that_was_not_scored_is_to_be_scored_and_not_asked_again(run):
    log = run(limit=2, score=False)
    assert resume_hint(log.eval, log).endswith(
        f"was not scored: `inspect score {log.location} --model none` grades its replies."
    )


def test_a_log_without_samples_is_not_to_be_resumed(run):
    log = run(raising("down"), limit=2, log_samples=False)
    assert "(--no-log-samples)" in resume_hint(log.eval, log)
    assert "eval-retry" not in resume_hint(log.eval, log)
