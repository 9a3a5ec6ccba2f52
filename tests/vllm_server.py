"""A server that loads and lists adapters as vLLM's does, with a stand-in model behind every name."""

from fastapi import FastAPI

from simulated.server.app import app


def vllm_server(listed=()):
    """Make the application.

    Args:
        listed: Adapters that it has from the start; names that it is asked to load are appended.

    Returns:
        The application, and the list of its adapters.
    """
    adapters, api = list(listed), FastAPI()

    @api.get("/v1/models")
    async def models():
        return {"data": [{"id": name, "max_model_len": 16384} for name in ["base", *adapters]]}

    @api.post("/v1/load_lora_adapter")
    async def load(asked: dict[str, str]):
        adapters.append(asked["lora_name"])
        return {}

    api.mount("/", app(otherwise="faker"))
    return api, adapters
