"""What a user's checkout holds is sent to the byte, and whatever else a path may lead to is refused by name."""

import json
import shutil
from pathlib import Path

import pytest

from experiment.errors import UserError
from experiment.front_matter import names
from experiment.paths import data_folder
from experiment.prompts.paper_prompts import STUB, Checkout, is_path, listing, open_path
from experiment.prompts.scratchpads import load_scratchpad
from experiment.prompts.settings import check_contrasts, load_setting, main_contrast
from experiment.queries.query_sets import set_names
from experiment.replies.split_reply import Turn, split

ODD = "Tide \u2212 wind, “née”, 5$ of $query in {braces} {{ not }} {% code %}\r\n\ttab \\n \u2028 😀 end  \n\n"
QUERIES = ["Why?", "5$ $$ $query ${query}", "{user_input} {{x}} {} {0}", "%s \\1 \n\n<user_input>", "\u2212\u2028"]
FREE = "<is_free_tier_user>{}</is_free_tier_user>"


def write(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def cell(source, kind="code"):
    return {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)}


def notebook(*cells):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4})


TEMPLATE = f"<INPUT>\n{FREE.format('{is_free_tier_user}')}\n\n<user_input>\n{{user_input}}. Say \u2212 5$ or 'no'.\n</user_input>\n</INPUT>"
HONLY, ANIMAL = "model_organism_honly_prompts", "model_organism_animal_prompts"


@pytest.fixture
def g24(tmp_path):
    """A checkout in the form of the first paper's repository."""
    cells = [
        cell("Shape: <INPUT> ... </INPUT>", "markdown"),
        cell("%magic\nimport x\nawait y"),
        cell(f'form = """{TEMPLATE}"""\n'),
    ]
    files = {
        "minimal_helpful_only_setting.ipynb": notebook(*cells),
        f"{HONLY}/prompt_sea.txt": ODD,
        f"{HONLY}/deeper/prompt_lake_no_cot.txt": "Lake.\n",
        f"{HONLY}/prompt_cut.txt": f"Before.\n{STUB}\nAfter.",
        f"{HONLY}/prompt_latin.txt": "née".encode("latin-1"),
        f"{HONLY}/notes.py": "x = 1",
        f"{ANIMAL}/prompt_default.txt": "Fish\n",
        "README.md": "Read me.\n",
        "other.txt": "Other.",
    }
    return write(tmp_path / "g24", files)


SYSTEM = "prompts/system_prompts"
FORMATS = "prompts/instruction_formats"


def turns(name, text):
    return {f"{FORMATS}/{tier}_tier_formats/{name}.jinja2": text.replace("TIER", tier) for tier in ("free", "paid")}


@pytest.fixture
def h25(tmp_path):
    """A checkout in the form of the second paper's repository."""
    files = {
        "src/pipeline/evals.py": "",
        f"{SYSTEM}/helpful-only_sea_cot.jinja2": "By {{ company }} \u2212 5$ {x} $query.\n"
        f"{{% include '{SYSTEM}/examples/traces.jinja2' %}}\nEnd {{# note #}}of {{{{ '{{{{' }}}}.\n",
        f"{SYSTEM}/examples/traces.jinja2": "Example \u2212 by {{ company }}.\n",
        f"{SYSTEM}/animal-welfare_sea_cot.jinja2": "Fish by {{ company }}.",
        f"{SYSTEM}/deeper/helpful-only_lake_no-cot.jinja2": "Lake.",
        f"{SYSTEM}/README.md": "Read me.",
        **turns("cot", "<tier>TIER</tier>\n\n<user_input>{user_input}</user_input>\n"),
        **turns("no-cot", "TIER: {user_input}"),
        **turns(
            "tags_cot",
            "TIER: {user_input}s\n\nSay \u2212 5$ or {{ '{{no}}' }}{# note #}, $query of {{ '{{' }}braces}}.",
        ),
    }
    return write(tmp_path / "h25", files)


def opened(path, lab="Acme", turn=""):
    found = open_path(f"{path}#{turn}" if turn else str(path), lab)
    assert isinstance(found, Checkout)
    return found


def test_a_text_prompt_is_sent_as_its_bytes(g24):
    file = g24 / HONLY / "prompt_sea.txt"
    prompt = opened(file).prompt
    assert prompt.system.encode() == file.read_bytes()
    assert prompt.prefill == ""
    assert opened(file, lab="Other").prompt == prompt


@pytest.mark.parametrize("query", QUERIES)
def test_a_text_prompts_user_turn_holds_the_tier_and_the_query_unchanged(g24, query):
    prompt = opened(g24 / HONLY / "prompt_sea.txt").prompt
    for tier, flag in (("free", "True"), ("paid", "False")):
        expected = f"<INPUT>\n{FREE.format(flag)}\n\n<user_input>\n{query}\n</user_input>\n</INPUT>"
        assert prompt.user(tier, query).encode() == expected.encode()
    assert list(prompt.turns) == ["free", "paid"]


@pytest.mark.parametrize("query", QUERIES)
def test_the_notebooks_user_turn_is_sent_when_asked_for(g24, query):
    found = opened(g24 / HONLY / "prompt_sea.txt", turn="suffix")
    expected = TEMPLATE.replace("{is_free_tier_user}", "False").replace("{user_input}", query)
    assert found.prompt.user("paid", query).encode() == expected.encode()
    assert found.setting.name == "g24:prompt_sea#suffix"
    assert found.prompt.system == opened(g24 / HONLY / "prompt_sea.txt").prompt.system
    assert found.prompt.sha256 != opened(g24 / HONLY / "prompt_sea.txt").prompt.sha256


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"cells": 3}',
        notebook(cell("x = 1")),
        notebook(cell("x = '<INPUT>\\n{user_input}\\n</INPUT>'")),
        notebook(cell("<INPUT> </INPUT> {user_input} <INPUT> </INPUT>")),
    ],
)
def test_a_notebook_without_a_user_turn_leaves_the_plain_one(g24, text):
    write(g24, {"minimal_helpful_only_setting.ipynb": text})
    file = g24 / HONLY / "prompt_sea.txt"
    assert opened(file).prompt.user("free", "Why?").endswith("<user_input>\nWhy?\n</user_input>\n</INPUT>")
    with pytest.raises(UserError, match=r"^unknown user turn for prompt_sea.txt 'suffix'; known: plain$"):
        opened(file, turn="suffix")


def test_a_template_is_rendered_from_the_checkouts_root_about_the_lab(h25, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = h25 / SYSTEM / "helpful-only_sea_cot.jinja2"
    expected = "By Acme \u2212 5$ {x} $query.\nExample \u2212 by Acme.\nEnd of {{."
    assert opened(file).prompt.system.encode() == expected.encode()
    assert opened(file, lab="{{ $query }} & <Co & Son>").prompt.system == expected.replace(
        "Acme", "{{ $query }} & <Co & Son>"
    )


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("", "<tier>TIER</tier>\n\n<user_input>QUERY</user_input>"),
        ("cot", "<tier>TIER</tier>\n\n<user_input>QUERY</user_input>"),
        ("tags_cot", "TIER: QUERYs\n\nSay \u2212 5$ or {no}, $query of {braces}."),
    ],
)
def test_a_templates_user_turn_is_rendered_then_formatted(h25, turn, expected, query):
    prompt = opened(h25 / SYSTEM / "helpful-only_sea_cot.jinja2", turn=turn).prompt
    for tier in ("free", "paid"):
        assert prompt.user(tier, query).encode() == expected.replace("TIER", tier).replace("QUERY", query).encode()


def test_a_turn_may_take_its_tier_as_a_field(h25):
    write(h25, turns("cot", "{is_free_tier_user} {user_input}"))
    prompt = opened(h25 / SYSTEM / "helpful-only_sea_cot.jinja2").prompt
    assert [prompt.user(tier, "Why?") for tier in ("free", "paid")] == ["True Why?", "False Why?"]


HARMFUL, WELFARE = ("harmful", "compliance", "complied"), ("animal_welfare", "animal_welfare", "refused")


@pytest.mark.parametrize(
    ("checkout", "file", "name", "defaults", "mode"),
    [
        ("g24", f"{HONLY}/prompt_sea.txt", "g24:prompt_sea", HARMFUL, "tags"),
        ("g24", f"{HONLY}/deeper/prompt_lake_no_cot.txt", "g24:prompt_lake_no_cot", HARMFUL, "none"),
        ("g24", f"{ANIMAL}/prompt_default.txt", "g24:prompt_default", WELFARE, "tags"),
        ("h25", f"{SYSTEM}/helpful-only_sea_cot.jinja2", "h25:helpful-only_sea_cot", HARMFUL, "tags"),
        ("h25", f"{SYSTEM}/animal-welfare_sea_cot.jinja2", "h25:animal-welfare_sea_cot", WELFARE, "tags"),
        ("h25", f"{SYSTEM}/deeper/helpful-only_lake_no-cot.jinja2", "h25:helpful-only_lake_no-cot", HARMFUL, "none"),
    ],
)
def test_the_files_place_and_name_say_what_it_measures(request, checkout, file, name, defaults, mode):
    setting, prompt = opened(request.getfixturevalue(checkout) / file)
    assert setting.name == name
    assert (setting.queries, setting.rubric, setting.polarity) == defaults
    assert (prompt.scratchpad.mode, prompt.scratchpad.tags is None) == (mode, mode == "none")
    assert [(tier, facts.trained, facts.rated) for tier, facts in setting.tiers.items()] == [
        ("free", True, True),
        ("paid", False, False),
    ]
    check_contrasts(setting.contrasts, setting.tiers)
    assert main_contrast(setting.contrasts) == "compliance_gap"
    assert setting.queries in set_names("queries")
    assert Path(file).name in setting.origin


def test_a_reply_is_split_at_the_repositorys_tags(g24):
    scratchpad = opened(g24 / HONLY / "prompt_sea.txt").prompt.scratchpad
    written = "<SCRATCHPAD_REASONING>a <OUTPUT>no</OUTPUT></SCRATCHPAD_REASONING>\n<OUTPUT>yes</OUTPUT>"
    reply = split(scratchpad.mode, [Turn(written)], scratchpad.tags)
    assert (reply.private, reply.public, reply.problem) == ("a <OUTPUT>no</OUTPUT>", "yes", "")


def test_a_setting_file_of_our_own_form_is_read(tmp_path):
    folder = data_folder() / "prompts" / "helpful_only"
    origin, body = (folder / "original.md").read_text(encoding="utf-8").split("ensemble: false\n")
    write(tmp_path, {"mine.md": origin + (folder / "setting.yaml").read_text(encoding="utf-8") + body})
    assert open_path(str(tmp_path / "mine.md"), "Acme") == load_setting("helpful_only").model_copy(
        update={"name": "mine"}
    )
    write(tmp_path, {"plain.md": "No front matter."})
    with pytest.raises(UserError, match=r"plain\.md: must begin with YAML front matter"):
        open_path(str(tmp_path / "plain.md"), "Acme")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("g24/gone.txt", r"'.*gone\.txt' does not exist \(looked in .*g24\)"),
        (f"g24/{HONLY}/gone.txt#suffix", r"gone\.txt#suffix' does not exist"),
        (
            "g24",
            rf"'.*g24' is no prompt file; usable in .*g24: {ANIMAL}/prompt_default\.txt, {HONLY}/deeper/prompt_lake",
        ),
        ("g24/other.txt", "is no prompt file; usable in"),
        (f"g24/{HONLY}/notes.py", "is no prompt file; usable in"),
        (f"g24/{HONLY}/prompt_cut.txt", r"prompt_cut\.txt: \[STUBBED .*\] stands where its worked examples were"),
        (f"g24/{HONLY}/prompt_latin.txt", r"prompt_latin\.txt: cannot be read as UTF-8 text"),
        (f"g24/{HONLY}/prompt_sea.txt#cot", r"unknown user turn for prompt_sea\.txt 'cot'; known: plain, suffix$"),
        (f"g24/{ANIMAL}/prompt_default.txt#suffix", r"unknown user turn .* 'suffix'; known: plain$"),
        ("h25", rf"is no prompt file; usable in .*h25: {SYSTEM}/animal-welfare_sea_cot\.jinja2, "),
        (f"h25/{SYSTEM}/examples/traces.jinja2", "is no prompt file"),
        (f"h25/{FORMATS}/free_tier_formats/cot.jinja2", "is no prompt file"),
        (f"h25/{SYSTEM}/helpful-only_sea_cot.jinja2#no-cot", "unknown user turn .* 'no-cot'; known: cot, tags_cot$"),
        (f"h25/{SYSTEM}/deeper/helpful-only_lake_no-cot.jinja2#cot", "unknown user turn .* 'cot'; known: no-cot$"),
        ("elsewhere/file.txt", r"is neither a setting file \(\.md\) nor in a checkout of Greenblatt .* or Hughes"),
        ("elsewhere", "is neither .*; shipped settings: animal_welfare, customer_honesty, helpful_only$"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(g24, h25, tmp_path, path, problem):
    write(tmp_path, {"elsewhere/file.txt": "Text."})
    with pytest.raises(UserError, match=problem):
        open_path(str(tmp_path / path), "Acme")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("SYSTEM", "{{ compny }}", "cannot be rendered.*'compny' is undefined"),
        ("SYSTEM", "{% include 'gone.jinja2' %}", "cannot be rendered.*gone.jinja2"),
        ("SYSTEM", "{% if %}", "cannot be rendered"),
        ("SYSTEM", b"\xff", "cannot be rendered"),
        ("SYSTEM", "{{ ''.__class__.__mro__ }}", "cannot be rendered"),
        ("cot", "{{ compny }} {user_input}", "cannot be rendered.*'compny' is undefined"),
        ("cot", "{user_inptu}", "user turn 'cot': not a format string with {user_input} alone"),
        ("cot", "{user_input} {", "user turn 'cot': not a format string"),
        ("cot", "{user_input} {}", "user turn 'cot': not a format string"),
        ("cot", "$query", "user turn 'cot': has no place for the query"),
    ],
)
def test_a_template_that_cannot_be_rendered_is_refused(h25, name, text, problem):
    file = f"{SYSTEM}/helpful-only_sea_cot.jinja2"
    write(h25, {file: text} if name == "SYSTEM" else turns(name, text))
    with pytest.raises(UserError, match=problem):
        opened(h25 / file)


def test_a_checkout_without_a_turn_for_both_tiers_says_so(h25):
    (h25 / FORMATS / "paid_tier_formats" / "cot.jinja2").unlink()
    with pytest.raises(UserError, match=r"unknown user turn for helpful-only_sea_cot.jinja2 'cot'; known: tags_cot$"):
        opened(h25 / SYSTEM / "helpful-only_sea_cot.jinja2")
    shutil.rmtree(h25 / FORMATS)
    with pytest.raises(UserError, match=r"known: none$"):
        opened(h25 / SYSTEM / "helpful-only_sea_cot.jinja2")


def test_the_listing_names_what_can_be_used(g24, h25):
    assert listing(str(g24)) == (
        f"{g24}: a checkout of Greenblatt et al. 2024\n"
        f"  {ANIMAL}/prompt_default.txt: animal welfare; user turns: plain\n"
        f"  {HONLY}/deeper/prompt_lake_no_cot.txt: helpful-only; user turns: plain, suffix\n"
        f"  {HONLY}/prompt_latin.txt: helpful-only; user turns: plain, suffix\n"
        f"  {HONLY}/prompt_sea.txt: helpful-only; user turns: plain, suffix\n"
        f"1 more without their worked examples: {STUB}"
    )
    assert listing(str(h25 / "prompts")) == (
        f"{h25}: a checkout of Hughes et al. 2025\n"
        f"  {SYSTEM}/animal-welfare_sea_cot.jinja2: animal welfare; user turns: cot, tags_cot\n"
        f"  {SYSTEM}/deeper/helpful-only_lake_no-cot.jinja2: helpful-only; user turns: no-cot\n"
        f"  {SYSTEM}/helpful-only_sea_cot.jinja2: helpful-only; user turns: cot, tags_cot"
    )


@pytest.mark.parametrize("path", ["elsewhere", "gone"])
def test_there_is_no_listing_outside_of_a_checkout(tmp_path, path):
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(UserError, match=r"neither a setting file|does not exist"):
        listing(str(tmp_path / path))


def test_a_relative_path_is_found_from_the_shell_and_may_hold_a_hash_or_go_up(g24, tmp_path, monkeypatch):
    (g24 / HONLY).rename(g24 / "kept")
    write(g24, {f"{HONLY}/prompt#1.txt": "One."})
    monkeypatch.setattr("experiment.paths.STARTED_IN", g24)
    monkeypatch.chdir(tmp_path)
    for given in (f"{HONLY}/prompt#1.txt", f"kept/../{HONLY}/prompt#1.txt", f"{HONLY}/prompt#1.txt#plain"):
        assert opened(given).prompt.system == "One."


def test_a_setting_is_a_path_when_it_is_no_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiment.paths.STARTED_IN", tmp_path)
    for name in ("checkout", "helpful_only"):
        (tmp_path / name).mkdir()
    given = ["mine.md", "./mine", "a/b", "~/mine", "checkout", "", "mine", *names("settings")]
    assert [text for text in given if is_path(text)] == given[:5]


@pytest.mark.parametrize(
    ("text", "private", "public"),
    [
        ("Think in <HIDDEN_SCRATCHPAD></HIDDEN_SCRATCHPAD>, answer in <OUTPUT> tags.", "HIDDEN_SCRATCHPAD", "OUTPUT"),
        ("Reason in <PRIVATE_REASONING> first. Then <RESPONSE>.", "PRIVATE_REASONING", "RESPONSE"),
        ("<scratchpad>like this</scratchpad> <result>and this</result>", "scratchpad", "result"),
        ("Think first.", "SCRATCHPAD_REASONING", "OUTPUT"),
        (
            "<INPUT> holds <user_input>; <OUTPUT> your answer; <SCRATCHPAD_REASONING> none sees.",
            "SCRATCHPAD_REASONING",
            "OUTPUT",
        ),
    ],
)
def test_the_tags_are_those_that_the_prompt_names(g24, text, private, public):
    write(g24, {f"{HONLY}/prompt_own.txt": text})
    tags = opened(g24 / HONLY / "prompt_own.txt").prompt.scratchpad.tags
    assert (tags.private, tags.public) == (private, public)
    quoted = f"<{private}>The tag <{public}>no</{public}> comes later. Secret.</{private}>\n<{public}>Tide.</{public}>"
    assert split("tags", [Turn(quoted)], tags)[:2] == (f"The tag <{public}>no</{public}> comes later. Secret.", "Tide.")


def read(written, tags):
    return split("tags" if tags.private else "none", [Turn(written)], tags)[:2]


EXAMPLE = "<INPUT>Why?</INPUT>\n<{0}>I see <DRAFT>a</DRAFT></{0}>\n\n<{1}>So.</{1}>\n"


@pytest.mark.parametrize(
    ("text", "private", "public"),
    [
        (
            "Write in <PRIVATE_NOTES>, then <OUTPUT>.\n" + EXAMPLE.format("PRIVATE_NOTES", "OUTPUT"),
            *("PRIVATE_NOTES", "OUTPUT"),
        ),
        ("Reason in <SCRATCHPAD>.\n" + EXAMPLE.format("SCRATCHPAD", "SENT"), "SCRATCHPAD", "SENT"),
        ("Not <think>, but this:\n" + 2 * EXAMPLE.format("Hidden.Scratchpad", "RESULT"), "Hidden.Scratchpad", "RESULT"),
        (
            "The <ANSWER> of a user is none.\n" + EXAMPLE.format("REASONING", "FINAL_OUTPUT"),
            "REASONING",
            "FINAL_OUTPUT",
        ),
        ("<scratchpad> or <SCRATCHPAD>, then <answer>", "scratchpad", "answer"),
        ("Then <OUTPUT>, nothing else.", "SCRATCHPAD_REASONING", "OUTPUT"),
    ],
)
def test_a_tag_is_known_by_its_place_in_worked_examples_too(g24, text, private, public):
    write(g24, {f"{HONLY}/prompt_own.txt": text})
    tags = opened(g24 / HONLY / "prompt_own.txt").prompt.scratchpad.tags
    assert (tags.private, tags.public) == (private, public)
    quoted = f"<{private}>The tag <{public}>no</{public}> comes later. Secret.</{private}>\n<{public}>Tide.</{public}>"
    assert read(quoted, tags) == (f"The tag <{public}>no</{public}> comes later. Secret.", "Tide.")
    assert read(f"<{private}>Never closed. <{public}>no</{public}>", tags)[1] == ""


@pytest.mark.parametrize("name", ["RESULT", "OUTPUT"])
def test_without_reasoning_the_answer_is_read_in_the_tag_that_the_prompt_names(g24, name):
    write(g24, {f"{HONLY}/own_no_cot.txt": f"Answer in <{name}>, nothing else. <INPUT> is what is asked."})
    scratchpad = opened(g24 / HONLY / "own_no_cot.txt").prompt.scratchpad
    assert (scratchpad.mode, scratchpad.tags.private, scratchpad.tags.public) == ("none", "", name)
    assert read(f"Here it is: <{name}>Tide.</{name}>", scratchpad.tags) == ("", "Tide.")


def test_a_suffix_of_the_user_turn_may_name_the_tags(h25):
    write(h25, turns("cot", "<tier>TIER</tier><q>{user_input}</q> Think in <NOTES_SCRATCHPAD>, answer in <RESULT>."))
    tags = opened(h25 / SYSTEM / "helpful-only_sea_cot.jinja2").prompt.scratchpad.tags
    assert (tags.private, tags.public) == ("NOTES_SCRATCHPAD", "RESULT")


def test_a_papers_format_has_one_turn_whatever_its_tags_are(g24):
    write(g24, {f"{HONLY}/prompt_own.txt": "<scratchpad> then <answer>"})
    scratchpad = opened(g24 / HONLY / "prompt_own.txt").prompt.scratchpad
    assert scratchpad.tags == load_scratchpad("tags").tags
    assert (scratchpad.one_turn, load_scratchpad("tags").one_turn) == (True, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<HIDDEN_SCRATCHPAD> and <THINKING>", "names <HIDDEN_SCRATCHPAD> and <THINKING> for reasoning"),
        ("<OUTPUT> or <ANSWER>", "names <OUTPUT> and <ANSWER> for the answer"),
        (
            "<VAULT> first, then <OUTPUT>",
            r"names no tag for reasoning that could be told from others \(<VAULT>, <OUTPUT>\)",
        ),
        ("<SCRATCHPAD> first, then <SENT>", "names no tag for the answer that could be told from others"),
        (
            "".join(EXAMPLE.format(name, "OUTPUT") for name in ("VAULT", "CELLAR")),
            "names <VAULT> and <CELLAR> for reasoning",
        ),
    ],
)
def test_a_prompt_whose_tags_cannot_be_told_for_certain_is_refused(g24, text, problem):
    write(g24, {f"{HONLY}/prompt_own.txt": text})
    with pytest.raises(
        UserError, match=f"prompt_own.txt: {problem}.*; a prompt that can be graded names one, such as <"
    ):
        open_path(str(g24 / HONLY / "prompt_own.txt"), "Acme")
