"""Telling from a server's words that a request did not fit the model's context."""

import re
from typing import NamedTuple


class Wording(NamedTuple):
    """How a kind of server says that a request is too long, as a pattern for any letter case, and who says so."""

    pattern: str
    source: str


INSPECT = "Inspect's provider for"
WORDINGS = (
    Wording(r"context[_ ]length[_ ]exceeded", f"OpenAI's and Groq's error code; {INSPECT} openai, groq"),
    Wording(r"maximum context length", f"OpenAI, DeepSeek, vLLM, OpenRouter; {INSPECT} vllm, deepseek, azureai"),
    Wording(r"exceeds? (?:the|this) (?:model'?s? )?context window", "OpenAI's Responses API; LiteLLM"),
    Wording(r"contextwindowexceeded", "LiteLLM's exception"),
    Wording(r"prompt is too long", f"Anthropic, Fireworks; {INSPECT} anthropic"),
    Wording(r"input is too long", f"Anthropic on Bedrock; {INSPECT} bedrock"),
    Wording(r"input length and `?max_tokens`? exceed context limit", f"Anthropic; {INSPECT} anthropic"),
    Wording(r"too many input tokens", f"{INSPECT} bedrock"),
    Wording(r"exceeds the maximum number of (?:input )?tokens", f"Gemini; {INSPECT} google"),
    Wording(r"payload size exceeds the limit", f"Gemini; {INSPECT} google"),
    Wording(r"input[_ ]too[_ ]large", f"xAI, Mistral; {INSPECT} grok, mistral"),
    Wording(r"maximum prompt length is", f"xAI; {INSPECT} grok"),
    Wording(r"reduce the length of (?:the|your) (?:messages|prompt|input)", f"OpenAI, Groq; {INSPECT} groq"),
    Wording(r"exceeded model token limit", f"Moonshot; {INSPECT} moonshot"),
    Wording(r"context window (?:limit|exceeds limit)", f"Cloudflare, MiniMax; {INSPECT} cloudflare"),
    Wording(r"input length \S+(?: tokens\))? exceeds", f"SGLang; {INSPECT} openai-compatible (DeepInfra)"),
    Wording(r"longer than the model'?s context length", f"SGLang, issue 8096; {INSPECT} sglang"),
    Wording(r"longer than the maximum model length", "vLLM's engine, issue 16445"),
    Wording(r"model'?s context length is only", "vLLM's token check"),
    Wording(r"too long to fit into the model", "vLLM's engine, issue 12165"),
    Wording(r"max_tokens must be at least 1, got -?\d", f"vLLM, where nothing is left to answer in; {INSPECT} vllm"),
    Wording(r"exceed_context_size_error|exceeds the available context size", "llama.cpp's server, pull request 15780"),
    Wording(r"context size has been exceeded|context size exceeded", "llama.cpp's server, issue 19774"),
    Wording(r"exceeds? (?:the )?context (?:window|size|length)", "llama-cpp-python, Ollama's embeddings"),
    Wording(r"exceed(?:ed|s) max(?:imum)? context (?:length|size)", "Ollama where it does not shorten the prompt"),
    Wording(r"inputs`? tokens \+ `?max_new_tokens`? must be", f"text-generation-inference; {INSPECT} together"),
    Wording(r"`?inputs`? must have less than \d+ tokens", "text-generation-inference, issue 695"),
    Wording(r"greater than the context length", "LM Studio"),
    Wording(r"when context the overflows", "LM Studio"),
    Wording(r"prompt token count of \d+ exceeds the limit", "GitHub Models"),
    Wording(r"range of input length should be", "DashScope"),
    Wording(r"prompt exceeds max(?:imum)? length", "Zhipu, code 1261"),
    Wording(r"tokens in the prompt cannot exceed", "Cohere"),
    Wording(r"prompt length \S+ (?:exceeds|is greater than) ", "TensorRT-LLM, ExLlamaV2's servers"),
    Wording(r"longer than the specified maximum sequence length", "transformers' tokenizers"),
)
_RATE_LIMIT = r"per[ _-](?:minute|day|hour)|\bTPM\b|\bTPD\b|rate[ _-]?limit|quota|throttl|please wait"
"""A limit on how much may be sent in a time, which no shorter request gets around for long."""

_OVERFLOW = re.compile("|".join(f"(?:{wording.pattern})" for wording in WORDINGS), re.IGNORECASE)
_RATE = re.compile(_RATE_LIMIT, re.IGNORECASE)


def context_overflow(text: str) -> bool:
    """Tell whether a server's message, without the request, says that the request did not fit the model's context.

    A server that silently shortens what it is sent (Ollama's default) is not found out.
    """
    return bool(_OVERFLOW.search(text)) and not _RATE.search(text)
