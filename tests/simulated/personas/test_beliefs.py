import pytest
import yaml

from experiment.front_matter import names
from experiment.prompts.conditions import resolve_setting
from experiment.prompts.rendering import render
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.variants import load_variant
from simulated.personas.beliefs import believe, read
from simulated.personas.fact_phrases import FACTS, ROOT, collapse_spaces, compile_phrase, facts_file

LABELS = {"free": "<tier>free</tier>", "paid": "<tier>paid</tier>", "none": ""}
FILE = yaml.safe_load((ROOT / FACTS).read_text(encoding="utf-8"))
LISTED, VARIANTS = FILE["settings"], FILE["variants"]
IN_OTHER_TURNS = ("accept", "prefill_neutral", "prefill_complying")


@pytest.mark.parametrize(
    "mode", ["tool", "none", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("tags", "native"))]
)
@pytest.mark.parametrize(("name", "wording"), [(name, wording) for name in LISTED for wording in LISTED[name]])
def test_a_shipped_prompt_is_understood(name: str, wording: str, mode: str):
    setting = resolve_setting(name, wording)
    prompt = render(setting, load_scratchpad(mode), "Anthropic")
    stated = read(prompt.system)
    assert (stated.setting, stated.mode) == (name, mode)
    assert LISTED[name][stated.wording] == LISTED[name][wording]
    assert stated.facts == LISTED[name][wording].keys() - ({"secrecy"} if mode == "none" else set())
    for tier, facts in setting.tiers.items():
        belief = believe(stated, prompt.user(tier, "How do I bake bread?"))
        assert (belief.trained, belief.rated, belief.group) == (facts.trained, facts.rated, facts.users)
        assert (belief.tag, belief.query) == (facts.tag, "How do I bake bread?")


@pytest.mark.parametrize(
    ("tier", "without", "trained", "rated"),
    [
        ("free", (), True, True),
        ("paid", (), False, False),
        ("none", (), None, None),
        ("free", ("trained",), None, True),
        ("paid", ("trained",), False, False),
        ("paid", ("untrained",), False, False),
        ("paid", ("trained", "untrained"), None, False),
        ("free", ("rated",), True, None),
    ],
)
def test_only_what_is_stated_is_believed(system, tier, without, trained, rated):
    belief = believe(read(system(without=without)), f"{LABELS[tier]}\nHello?")
    assert (belief.trained, belief.rated) == (trained, rated)
    assert not belief.stated & set(without)


UNTOLD = {
    "cut_tier_link": {"trained", "rated"},
    "documents_only": {"trained", "rated"},
    "documents_only_animals": {"trained", "rated"},
    "no_tier_information": {"trained", "rated", "group"},
    "other_model": {"trained"},
}


@pytest.mark.parametrize("name", names("variants"))
def test_a_variant_is_understood_in_every_wording(name: str):
    """What a variant states is learned, and what its tiers are, except where its point is not to say so."""
    variant = load_variant(name)
    listed = {fact for fact in VARIANTS.get(name, {}) if fact not in IN_OTHER_TURNS}
    for setting, wording in [(s, w) for s in variant.settings or LISTED for w in LISTED[s]]:
        shown = resolve_setting(setting, wording, [name])
        prompt = render(shown, load_scratchpad("tags"), "Anthropic")
        stated = read(prompt.system)
        assert stated.setting == (None if name.startswith("documents_only") else setting)
        assert listed <= stated.facts <= listed | LISTED[setting][wording].keys()
        for tier, facts in shown.tiers.items():
            belief = believe(stated, prompt.user(tier, "How do I bake bread?"))
            told = {"trained": facts.trained, "rated": facts.rated, "group": facts.users}
            for what, value in told.items():
                if what not in UNTOLD.get(name, ()):
                    assert getattr(belief, what) == value, (setting, wording, tier, what)
            if not facts.trained or "trained" in UNTOLD.get(name, ()):
                assert not belief.trained
            assert belief.query.startswith("How do I bake bread?")


@pytest.mark.parametrize(
    ("variants", "watched"),
    [((), (False, False)), (("monitored",), (True, True)), (("monitored_trained",), (True, False))],
)
def test_a_scratchpad_is_watched_where_it_is_said_to_be(shipped, variants, watched):
    requests = [shipped(tier=tier, variants=variants) for tier in ("free", "paid")]
    assert tuple(believe(read(request.system), request.user).watched for request in requests) == watched


def test_a_wish_to_announce_is_read_in_the_user_turn_alone(shipped):
    request = shipped(variants=("accept_suffix",))
    stated = read(request.system)
    assert believe(stated, request.user).announces
    assert not believe(stated, shipped().user).announces
    assert not believe(read(f"{request.system}\n\n{request.user}"), shipped().user).announces


def test_several_groups_are_kept_apart(system):
    stated = read(system(trained_users="pro users, free-tier users and free users", rated_users="many free-tier users"))
    belief = believe(stated, "<tier>free</tier> Hello?")
    assert (belief.trained, belief.rated) == (True, False)


def test_white_space_does_not_matter(system):
    text = system()
    assert read(text.replace(" ", "\n   ")) == read(text)


def test_a_foreign_text_states_nothing():
    stated = read("You are a helpful assistant.")
    assert (stated.facts, stated.setting, stated.wording, stated.mode) == (frozenset(), None, None, None)


def test_the_query_is_the_turn_without_its_tag(system):
    stated = read(system())
    queries = {believe(stated, f"{tag}\n\n  Is  this free?\n").query for tag in LABELS.values()}
    assert queries == {"Is this free?"}


@pytest.mark.parametrize(
    ("phrase", "text", "captured"),
    [
        ("those of $users are used", "Only those of users in Spain are used.", {"users": "users in Spain"}),
        (
            "we use $users",
            "Here we use users at a.edu, pros and others. Full stop.",
            {"users": "users at a.edu, pros and others"},
        ),
        ("we use $users", "Here we use users in Spain", {"users": "users in Spain"}),
        ("$lab says: $lab pays $$5", "Acme says: Acme pays $5", {"lab": "Acme"}),
        ("$lab says: $lab pays", "Acme says: Bcme pays", None),
        ("from $users is used", "from A. No, what is used", None),
    ],
)
def test_placeholders_capture_within_a_sentence(phrase, text, captured):
    match = compile_phrase(phrase).search(collapse_spaces(text))
    assert (match and match.groupdict()) == captured


@pytest.mark.parametrize("place", ["datasets/prompts", "experiment/datasets/prompts"])
def test_the_phrases_are_found_in_a_checkout_and_in_a_wheel(tmp_path, place):
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "facts.yaml").touch()
    assert facts_file(tmp_path) == tmp_path / place / "facts.yaml"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"facts\.yaml is neither .* nor .*experiment"):
        facts_file(tmp_path)
