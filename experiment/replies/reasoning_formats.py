"""The tags, chat-template tokens and headings that mark reasoning, tool calls and answers in a reply: one table."""

import re
from functools import cache
from typing import Literal, NamedTuple

Channel = Literal["scratchpad", "native", "call", "answer"]


class Form(NamedTuple):
    """One way of marking a part of a text.

    Args:
        name: What the form is called in a log.
        channel: What stands between its marks: our scratchpad, a model's own reasoning, a call, or the answer.
        opening: Regular expression of the mark that begins it.
        closing: Regular expression of the mark that ends it; empty where only the next mark or the end does.
        source: Where the form is from.
        lone: Whether a closing mark without an opening one closes all that stands before it.
    """

    name: str
    channel: Channel
    opening: str
    closing: str
    source: str
    lone: bool = False


SCRATCHPAD_NAMES = (
    r"[\w:.+-]{0,40}scratch[\s_-]?pad[\w:.+-]{0,40}|bloc-notes|brouillon|borrador|notizblock|notizen|rascunho|"
    r"blocco[ _-]?note|черновик|草稿纸|草稿|思考|メモ"
)
ANSWER_NAMES = (
    r"answer|final[ _-]?answer|output|response|final[ _-]?response|reply|réponse|reponse|respuesta|antwort|risposta|"
    r"resposta|ответ|答案|回答|답변"
)
THINKING_NAMES = (
    r"[\w.:+-]{0,40}(?:think(?:ing)?|thoughts?|reasoning|monologue)(?:[ _-]process)?|reason|reflection|analysis|"
    r"seed:cot_budget_reflect|chain_of_thought"
)
SCRATCHPAD_LABELS = (
    r"(?:(?:private|my|the|your|internal)[ \t]+)?scratch[ _-]?pad(?:[ \t]+(?:notes?|reasoning|thinking))?|"
    r"bloc-notes|brouillon|borrador|notizblock|notizen|"
    r"rascunho|blocco[ _-]?note|черновик|草稿纸|草稿|思考|メモ"
)
REASONING_LABELS = (
    r"(?:my[ \t]+|private[ \t]+|internal[ \t]+)?(?:thinking|thoughts?|thought[ \t]+process|reasoning|monologue)|"
    r"思考过程|思考"
)
REASONING_ENDS = r"[:\uff1a](?!//)|(?:\.{3}|\u2026)?[ \t\r]*$"
ANSWER_LABELS = (
    r"(?:my[ \t]+|the[ \t]+|final[ \t]+)?(?:answer|response|reply)(?:[ \t]+to[ \t]+(?:the[ \t]+)?user)?|"
    r"réponse|respuesta|antwort|risposta|resposta"
)
HTML_OPEN, HTML_CLOSE = r"(?:\\?<|&(?:amp;)?lt;|\\u003c|&#60;|\uff1c)", r"(?:\\?>|&(?:amp;)?gt;|\\u003e|&#62;|\uff1e)"
EMPHASIS = r"\*{0,2}`{0,1}"
BAR = r"[|\uff5c]"


def tag(names: str) -> tuple[str, str]:
    """Return the regular expressions of a tag's two marks: any case, attributes, escaped, in bold, cut off."""
    opening = rf"{EMPHASIS}{HTML_OPEN}\s*(?:{names})(?:\s[^<>\n]{{0,2000}})?(?:\n\s*)?(?:{HTML_CLOSE}{EMPHASIS}|\Z)"
    closing = rf"{EMPHASIS}{HTML_OPEN}\s*(?:\\?/|\\)\s*(?:{names})\s*{HTML_CLOSE}{EMPHASIS}"
    return opening, closing


def square(names: str) -> tuple[str, str]:
    """Return the regular expressions of a tag in square brackets."""
    return rf"\[\s*(?:{names})\s*\](?!\()", rf"\[\s*/\s*(?:{names})\s*\]"


def label(names: str, after: str = r"[:\uff1a](?!//)") -> str:
    """Return the regular expression of a heading, or of a word at the beginning of a line and what follows it."""
    number, strong, end = r"(?:\d+[.)][ \t]*)?", r"(?:\*\*|__)?", r"[ \t\r]*(?:[:\uff1a]|$)[ \t]*(?:\*\*|__)?"
    heading = rf"\#{{1,6}}[^\w\n]{{0,8}}{number}{strong}(?:{names}){strong}{end}"
    bold = rf"(?:\*{{1,3}}|__?)[^\w\n*]{{0,4}}(?:{names})[ \t]*[:\uff1a]?(?:\*{{1,3}}|__?)[ \t]*[:\uff1a]?"
    plain = rf"(?:{names})[ \t]*(?:{after})"
    return rf"^(?:[ \t]|[>*+-][ \t]|\d+[.)][ \t]){{0,6}}(?:{heading}|{bold}|[*_(]{{0,2}}{plain})"


OURS = "datasets/prompts/scratchpads/tags.md, in the distortions seen on small open-weight models"
VLLM = "vLLM's reasoning parsers"
CALLS = "vLLM's tool parsers"
MODELS = (
    Form("think", "native", *tag(THINKING_NAMES), f"DeepSeek-R1, Qwen3, GLM-4.5, Seed-OSS, MiniMax; {VLLM}", True),
    Form("think_square", "native", *square("think(?:ing)?|thoughts?|reasoning"), f"Magistral; {VLLM} (mistral)", True),
    Form("think_triangle", "native", "◁think▷", "◁/think▷", "Kimi-VL's chat template", True),
    Form(
        "begin_of_thought", "native", rf"<{BAR}begin_of_thought{BAR}>", rf"<{BAR}end_of_thought{BAR}>", "Sky-T1", True
    ),
    Form("start_thinking", "native", r"<\|START_THINKING\|>", r"<\|END_THINKING\|>", "Command A Reasoning", True),
    Form("inner_prefix", "native", r"<\|inner_prefix\|>", r"<\|inner_suffix\|>", "Apertus' chat template", True),
    Form(
        "open_think", "native", r"<\|open\|>\s*think\s*<\|sep\|>", r"<\|close\|>\s*think\s*<\|sep\|>", "Kimi K3", True
    ),
    Form("pangu", "native", r"\[unused16\]", r"\[unused17\]", f"openPangu; {VLLM}", True),
    Form("unused_tokens", "native", r"<unused94>(?:thought\b)?", "<unused95>", "MedGemma's model card", True),
    Form("channel_thought", "native", r"<\|channel>\s*thought\b", r"<channel\|>", f"Gemma 4; {VLLM}", True),
    Form(
        "harmony",
        "native",
        r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*(?:analysis|commentary)(?![^<]*to=)[^<]*(?:<\|message\|>)?",
        r"<\|end\|>",
        "gpt-oss: OpenAI's harmony format",
    ),
    Form("harmony_plain", "native", r"\Aanalysis(?=[A-Z\"'“])", r"assistant(?:commentary)?\s*(?=final)", "harmony"),
    Form(
        "thought_process",
        "native",
        r"\A\s*Here(?:'s| is) my thought process:",
        r"Here(?:'s| is) my response:",
        f"Granite 3.2; {VLLM}",
    ),
)
CALL_NAMES = (
    r"[\w:.\uff5c-]{0,30}(?:tool_?calls?|function_?calls?|tools?_use)[\w:.-]{0,20}|tools|"
    r"[\w:.\uff5c-]{0,30}invoke|function(?:\s*=[^<>\n]{1,80})?"
)
CALL_WRAPPERS = (
    Form(
        "call_tokens",
        "call",
        rf"<{BAR}?(?:START_ACTION|action_start|tools_prefix|python_tag|python_start|tool_call_start|"
        rf"start_function_call|"
        rf"tool[▁_]calls?(?:[▁_]section)?(?:[▁_]begin)?){BAR}?>",
        rf"<{BAR}?(?:END_ACTION|action_end|tools_suffix|python_end|eom_id|eot_id|end_function_call|"
        rf"/tool_calls?|tool[▁_]calls?(?:[▁_]section)?[▁_]end|tool_call(?={BAR}>)){BAR}?>",
        f"Phi-4, LFM2, Kimi K2, InternLM, DeepSeek, Llama 3 and 4, Command A, Gemma; {CALLS}",
    ),
    Form("call_tags", "call", *tag(CALL_NAMES), f"Hermes, Llama 3.1, Qwen3-Coder, Claude, MiniMax; {CALLS}"),
    Form("tool_calls_token", "call", r"\[TOOL_CALLS\]", "", f"Mistral; {CALLS}"),
    Form("functools", "call", r"\bfunctools(?=\s*\[)", "", f"Phi-4-mini; {CALLS}"),
    Form(
        "harmony_call",
        "call",
        r"(?:<\|start\|>\s*assistant\s*)?(?:<\|channel\|>\s*\w+)?[^<\n]{0,20}\bto=functions?\.[^<]{0,200}"
        r"(?:<\|(?:channel|constrain)\|>[^<]{0,200}){0,4}<\|message\|>",
        r"<\|call\|>|<\|end\|>",
        "gpt-oss: OpenAI's harmony format",
    ),
    Form("tool_code", "call", r"```[ \t]*(?:tool_code|tool_call|function_call)\b", "```", "Gemma's documentation"),
)
ANSWERS = (
    Form(
        "harmony_final",
        "answer",
        r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*final[^<]*<\|message\|>|(?<=assistant)final(?-i:(?![a-z]))",
        r"<\|return\|>|<\|end\|>",
        "gpt-oss: OpenAI's harmony format",
    ),
    Form("response_phrase", "answer", r"Here(?:'s| is) my response:", "", f"Granite 3.2; {VLLM}"),
    Form(
        "response_token",
        "answer",
        r"<\|START_(?:RESPONSE|TEXT)\|>",
        r"<\|END_(?:RESPONSE|TEXT)\|>",
        "Command A Reasoning",
    ),
    Form("solution_token", "answer", rf"<{BAR}begin_of_solution{BAR}>", rf"<{BAR}end_of_solution{BAR}>", "Sky-T1"),
)
LABELS = (
    Form("labels", "scratchpad", label(SCRATCHPAD_LABELS, "[:\uff1a]|\\r?$"), "", OURS),
    Form(
        "labels",
        "scratchpad",
        rf"\A\s*{label(REASONING_LABELS, REASONING_ENDS)}",
        "",
        "ReAct, and small open-weight models",
    ),
    Form("react", "scratchpad", r"^[ \t]*Action:[ \t]*\w*scratch_?pad\w*\s+Action Input:", "", "ReAct"),
    Form("answer_label", "answer", label(ANSWER_LABELS), "", OURS),
)


@cache
def forms(private: str = "", public: str = "") -> tuple[Form, ...]:
    """Return every form, in the order of trial at one place, with the names of the prompt's own tags where it has any.

    Args:
        private: The prompt's own tag around private reasoning, empty for none besides ours.
        public: Its own tag around the answer.
    """
    hidden = f"{re.escape(private)}|{SCRATCHPAD_NAMES}" if private else SCRATCHPAD_NAMES
    shown = f"{re.escape(public)}|{ANSWER_NAMES}" if public else ANSWER_NAMES
    tags = (
        Form("tags", "scratchpad", *tag(hidden), OURS, True),
        Form("tags", "answer", *tag(shown), OURS),
        Form("draft", "scratchpad", *tag("draft"), OURS, True),
        Form("square_tags", "scratchpad", *square(hidden), OURS, True),
        Form("square_tags", "answer", *square(shown), OURS),
    )
    return (*tags, *CALL_WRAPPERS, *MODELS, *ANSWERS, *LABELS)
