"""A request that is too long is told from other refusals by the server's words."""

import pytest

from experiment.replies.context_overflow import WORDINGS, context_overflow

OVERFLOWS = [
    "Error code: 400 - {'error': {'message': \"This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens.\", 'code': 'context_length_exceeded'}}",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "litellm.ContextWindowExceededError: litellm.BadRequestError",
    "prompt is too long: 213462 tokens > 200000 maximum",
    "Input is too long for requested model.",
    "input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000",
    "Too many input tokens. Max input tokens: 32000",
    "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
    "Request payload size exceeds the limit: 20971520 bytes.",
    "[input_too_large] the prompt does not fit",
    "Prompt contains 40000 tokens: input too large for model",
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "Please reduce the length of the messages or completion.",
    "Invalid request: Your request exceeded model token limit: 262144 (requested: 425573)",
    "AiError: exceeded this model context window limit",
    "invalid params, context window exceeds limit (2013)",
    "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).",
    "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
    "The decoder prompt (length 10127) is longer than the maximum model length of 8192.",
    "You passed 8000 input tokens and requested 1000 output tokens. However, the model's context length is only 8192 tokens",
    "The prompt (total length 25938) is too long to fit into the model (context length 4096).",
    "max_tokens must be at least 1, got -3087.",
    "request (12795 tokens) exceeds the available context size (8192 tokens), try increasing it",
    "the request exceeds the available context size. try increasing the context size or enable context shift",
    "{'code': 400, 'type': 'exceed_context_size_error', 'n_prompt_tokens': 14429, 'n_ctx': 8192}",
    "Context size has been exceeded.",
    "Requested tokens (2285) exceed context window of 2048",
    "the input length exceeds the context length",
    "prompt too long; exceeded max context length by 12 tokens",
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 141607 tokens",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 1512. Given: 1000 `inputs` tokens and 1024 `max_new_tokens`",
    "Input validation error: `inputs` must have less than 1024 tokens. Given: 1872",
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    "Trying to keep the first 7000 tokens when context the overflows.",
    "prompt token count of 9000 exceeds the limit of 8000",
    "Range of input length should be [1, 30720]",
    "Prompt exceeds max length",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081",
    "Prompt length 5000 is greater than max_seq_len 4096",
    "Token indices sequence length is longer than the specified maximum sequence length for this model (16769 > 16384).",
]
OTHERS = [
    "",
    "Rate limit reached for model in organization on tokens per minute (TPM): Limit 30000, Requested 31000.",
    "Request too large for model on tokens per minute (TPM). Please reduce the length of the messages.",
    "Too many tokens, please wait before trying again.",
    "Too many input tokens per minute",
    "You exceeded your current quota, please check your plan and billing details.",
    "max_tokens is too large: 200000. This model supports at most 16384 completion tokens.",
    "Conversation roles must alternate user/assistant/user/assistant/...",
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
    "Connection error.",
    "Request timed out.",
    "The response was filtered due to the prompt triggering content management policy.",
    "Unsupported value: 'temperature' does not support 0",
    "Incorrect API key provided.",
    "overloaded_error",
    "The model `gpt-9` does not exist",
    "string too long. Expected a string with maximum length 64",
]


@pytest.mark.parametrize("text", OVERFLOWS)
def test_every_server_s_words_for_too_long_are_known(text):
    assert context_overflow(text)
    assert context_overflow(text.upper())


@pytest.mark.parametrize("text", OTHERS)
def test_other_refusals_are_not_taken_for_it(text):
    assert not context_overflow(text)


def test_every_wording_has_a_source_and_a_case():
    assert all(wording.source for wording in WORDINGS)
    assert len({wording.pattern for wording in WORDINGS}) == len(WORDINGS) <= len(OVERFLOWS)
