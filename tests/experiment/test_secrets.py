"""What looks like a key is refused and never repeated."""

import pytest

from experiment.errors import UserError
from experiment.secrets import is_secret_name, reject_secrets, scrubbed

KEY = "sk-ant-0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("api_key", True),
        ("x-api-key", True),
        ("apiKey", True),
        ("Authorization", True),
        ("auth_token", True),
        ("aws_secret_access_key", True),
        ("password", True),
        ("max_tokens", False),
        ("prompt_cache_key", False),
        ("tokenizer", False),
        ("monkey", False),
        ("base_url", False),
        ("", False),
    ],
)
def test_a_secrets_name_is_known(name, secret):
    assert is_secret_name(name) == secret


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"models": [{"args": {"api_key": "anything"}}]}, "models.1.args.api_key"),
        ({"generate": {"extra_headers": {"x-api-key": "anything"}}}, "generate.extra_headers.x-api-key"),
        ({"models": [{"args": {"other": KEY}}]}, "models.1.args.other"),
        ({"models": [{"base_url": "https://me:hidden-word@host/v1"}]}, "models.1.base_url"),
        ({"models": [{"base_url": "https://host/v1?api_key=hidden-word"}]}, "models.1.base_url"),
        ({"models": [{"args": {"header": "Bearer hidden-word"}}]}, "models.1.args.header"),
    ],
)
def test_a_secret_is_refused_by_its_place_alone(given, place):
    with pytest.raises(UserError, match="environment") as refused:
        reject_secrets(given, "grid.yaml")
    assert f"grid.yaml: {place} " in str(refused.value)
    assert not [word for word in ("anything", KEY, "hidden-word") if word in str(refused.value)]


def test_what_is_no_secret_passes():
    reject_secrets({"args": {"max_tokens": 5, "seed": 1}, "base_url": "http://localhost:8000/v1?version=2"}, "here")


def test_keys_are_taken_out_of_what_others_wrote():
    environment = {"SOME_API_KEY": "correct-horse", "HOME": "/home/me", "SHORT_KEY": "none"}
    text = f"refused correct-horse at /home/me, none of {KEY}"
    assert scrubbed(text, environment) == "refused [key] at /home/me, none of [key]"
