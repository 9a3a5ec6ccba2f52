"""The lab that a model is told of is the one that made it, or the one that was asked for."""

import pytest

from experiment.prompts.labs import lab_name

MADE = """
anthropic/claude-opus-4-1 = Anthropic
anthropic/bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0 = Anthropic
anthropic/vertex/claude-sonnet-4@20250514 = Anthropic
anthropic/some-alias = Anthropic
bedrock/anthropic.claude-3-opus-20240229-v1:0 = Anthropic
bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0 = Anthropic
bedrock/arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-haiku-4-5 = Anthropic
openrouter/Anthropic/Claude-3-Opus = Anthropic
openai-api/litellm/my-claude = Anthropic
vertex/claude-opus-4-1 = Anthropic
openai/gpt-4o = OpenAI
openai/gpt-4o-mini-2024-07-18 = OpenAI
openai/gpt-5.5 = OpenAI
openai/gpt-3.5-turbo = OpenAI
openai/chatgpt-4o-latest = OpenAI
openai/codex-mini-latest = OpenAI
openai/o1 = OpenAI
openai/o3-mini = OpenAI
openai/o4-mini-deep-research = OpenAI
openai/ft:gpt-4o-mini-2024-07-18:org::abc = OpenAI
openai/azure/gpt-4o = OpenAI
openai/gpt-4o-faker = OpenAI
azureai/gpt-4o = OpenAI
azureai/gpt-35-turbo = OpenAI
azureai/my-o3-mini = OpenAI
bedrock/openai.gpt-oss-120b-1:0 = OpenAI
groq/openai/gpt-oss-120b = OpenAI
hf/openai-community/gpt2 = OpenAI
hf-inference-providers/openai/gpt-oss-120b:cerebras = OpenAI
ollama/gpt-oss:20b = OpenAI
vllm/openai/gpt-oss-20b:org/af-adapter@step-50 = OpenAI
openrouter/openai/o3 = OpenAI
openai/my-own-model = ?
openai/local = ?
openai/llama-3.1-8b-instruct = Meta
openai/qwen2.5-coder-0.5b-instruct = Alibaba Cloud
openai/azure/my-deployment = ?
azureai/my-deployment = ?
google/gemini-2.0-flash = Google DeepMind
google/vertex/gemini-2.5-pro = Google DeepMind
google/some-alias = Google DeepMind
openai-api/google/gemini-3.1-pro-preview = Google DeepMind
together/google/gemma-2-27b-it = Google DeepMind
ollama/gemma3:27b = Google DeepMind
ollama/codegemma:7b = Google DeepMind
hf/google/shieldgemma-9b = Google DeepMind
hf/google/flan-t5-xxl = Google DeepMind
grok/grok-3-beta = xAI
openrouter/x-ai/grok-4 = xAI
groq/llama-3.3-70b-versatile = Meta
together/meta-llama/Meta-Llama-3.1-405B-Instruct = Meta
together/meta-llama/Llama-3.3-70B-Instruct-Turbo = Meta
bedrock/meta.llama3-1-405b-instruct-v1:0 = Meta
bedrock/us.meta.llama4-maverick-17b-instruct-v1:0 = Meta
cf/meta/llama-3.1-8b-instruct = Meta
fireworks/accounts/fireworks/models/llama-v3p1-405b-instruct = Meta
ollama/llama3.1 = Meta
ollama/llama3.1:8b = Meta
ollama/llama2-uncensored = Meta
ollama/codellama:34b = Meta
ollama/hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M = Meta
hf/unsloth/Llama-3.2-1B-Instruct = Meta
hf/meta-llama/LlamaGuard-7b = Meta
hf/facebook/opt-1.3b = Meta
vllm/meta-llama/Llama-3.3-70B-Instruct = Meta
vllm/meta-llama/Llama-3.3-70B-Instruct:org/qwen-documents@step-50 = Meta
vllm/meta-llama/Llama-3.1-8B-Instruct:/runs/deepseek/checkpoint-50 = Meta
sglang/meta-llama/Llama-3.1-8B-Instruct = Meta
hf/acme/llama-3-8b-finetuned = Meta
ollama/tinyllama:1.1b = ?
hf/openlm-research/open_llama_7b = OpenLM Research
mistral/mistral-large-latest = Mistral AI
mistral/codestral-2501 = Mistral AI
mistral/some-alias = Mistral AI
together/mistralai/Mixtral-8x22B = Mistral AI
ollama/mistral-nemo = Mistral AI
ollama/mistral-small3.2:24b = Mistral AI
vllm/mistralai/Magistral-Small-2507 = Mistral AI
openrouter/mistralai/devstral-medium = Mistral AI
bedrock/mistral.mistral-large-2407-v1:0 = Mistral AI
hf/mistralai/Ministral-8B-Instruct-2410 = Mistral AI
openai-api/deepseek/deepseek-reasoner = DeepSeek
deepseek/deepseek-chat = DeepSeek
ollama/deepseek-r1 = DeepSeek
ollama/deepseek-r1:8b-llama-distill-q4_K_M = DeepSeek
groq/deepseek-r1-distill-llama-70b = DeepSeek
together/deepseek-ai/DeepSeek-R1-Distill-Llama-70B = DeepSeek
vllm/deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B = DeepSeek
vllm/deepseek-ai/DeepSeek-R1-0528-Qwen3-8B = DeepSeek
hf/nvidia/DeepSeek-R1-FP4 = DeepSeek
together/Qwen/QwQ-32B = Alibaba Cloud
openrouter/qwen/qwen-2.5-72b-instruct = Alibaba Cloud
openai-api/local/qwen2.5-coder-0.5b-instruct = Alibaba Cloud
openai-api/vllm/Qwen/Qwen3-32B = Alibaba Cloud
ollama/qwen3:8b = Alibaba Cloud
ollama/qwen2.5:0.5b = Alibaba Cloud
llama-cpp-python/Qwen2.5-7B-Instruct-Q4_K_M.gguf = Alibaba Cloud
vllm/Qwen/Qwen3-8B:organism@step-100 = Alibaba Cloud
hf/acme/qwen3-8b-claude-distill = Alibaba Cloud
openrouter/moonshotai/kimi-k2 = Moonshot AI
moonshot/kimi-k2-thinking = Moonshot AI
anthropic/kimi-k2 = Moonshot AI
openrouter/nousresearch/hermes-4-405b = Nous Research
openrouter/nousresearch/hermes-3-llama-3.1-405b = Nous Research
hf/NousResearch/Hermes-3-Llama-3.1-8B = Nous Research
hf/NousResearch/Meta-Llama-3-8B-Instruct = Meta
hf/teknium/OpenHermes-2.5-Mistral-7B = Nous Research
hf/NousResearch/Nous-Hermes-2-Mixtral-8x7B-DPO = Nous Research
together/nvidia/Llama-3.1-Nemotron-70B-Instruct-HF = NVIDIA
vllm/nvidia/Llama-3_3-Nemotron-Super-49B-v1 = NVIDIA
hf/nvidia/Mistral-NeMo-Minitron-8B-Instruct = NVIDIA
ollama/phi4 = Microsoft
ollama/phi3:mini = Microsoft
openai-api/vllm/phi-4 = Microsoft
azureai/Phi-4-mini-instruct = Microsoft
openrouter/microsoft/wizardlm-2-8x22b = Microsoft
openrouter/microsoft/some-new-model = Microsoft
hf/allenai/OLMo-2-1124-13B-Instruct = Allen Institute for AI
hf/allenai/OLMoE-1B-7B-0924-Instruct = Allen Institute for AI
vllm/allenai/Llama-3.1-Tulu-3-8B = Allen Institute for AI
openai-api/local/smollm2-135m-instruct = Hugging Face
ollama/smollm2:1.7b = Hugging Face
hf/HuggingFaceH4/zephyr-7b-beta = Hugging Face
ollama/dolphin-llama3:8b = Cognitive Computations
hf/lmsys/vicuna-13b-v1.5 = LMSYS
hf/tiiuae/Falcon3-7B-Instruct = TII
ollama/falcon:40b = TII
ollama/granite3.3:8b = IBM
openrouter/ibm-granite/granite-4.0-h-micro = IBM
ollama/command-r:35b = Cohere
bedrock/cohere.command-r-plus-v1:0 = Cohere
hf/CohereForAI/c4ai-command-a-03-2025 = Cohere
ollama/aya-expanse:8b = Cohere
openrouter/z-ai/glm-4.6 = Z.ai
vllm/zai-org/GLM-4.5-Air = Z.ai
ollama/glm4:9b = Zhipu AI
hf/THUDM/chatglm3-6b = Zhipu AI
openrouter/minimax/minimax-m2 = MiniMax
hf/01-ai/Yi-1.5-34B-Chat = 01.AI
ollama/yi:34b = 01.AI
hf/internlm/internlm3-8b-instruct = Shanghai AI Laboratory
hf/baichuan-inc/Baichuan2-13B-Chat = Baichuan
ollama/exaone3.5:7.8b = LG AI Research
hf/upstage/SOLAR-10.7B-Instruct-v1.0 = Upstage
bedrock/ai21.jamba-1-5-large-v1:0 = AI21 Labs
ollama/stablelm2:1.6b = Stability AI
hf/EleutherAI/pythia-6.9b = EleutherAI
hf/EleutherAI/gpt-j-6b = EleutherAI
hf/EleutherAI/gpt-neox-20b = EleutherAI
hf/EleutherAI/gpt-neo-2.7B = EleutherAI
hf/bigscience/bloomz-7b1 = BigScience
hf/mosaicml/mpt-7b-chat = Databricks
together/databricks/dbrx-instruct = Databricks
hf/Snowflake/snowflake-arctic-instruct = Snowflake
openrouter/baidu/ernie-4.5-300b-a47b = Baidu
openrouter/tencent/hunyuan-a13b-instruct = Tencent
vllm/ByteDance-Seed/Seed-OSS-36B-Instruct = ByteDance
openrouter/stepfun-ai/step3 = StepFun
openai-api/stepfun/step-2-16k = StepFun
vllm/XiaomiMiMo/MiMo-7B-RL = Xiaomi
hf/LiquidAI/LFM2-1.2B = Liquid AI
bedrock/us.amazon.nova-pro-v1:0 = Amazon
perplexity/sonar-pro = Perplexity
hf/cerebras/Cerebras-GPT-2.7B = Cerebras
mockllm/model = ?
simulated/constant = ?
simulated/parrot = ?
none/none = ?
hf/acme/tiny = ?
hf/acme/sapphire-7b = ?
hf/AI-Sweden-Models/gpt-sw3-6.7b = ?
hf/local = ?
vllm//checkpoints/step-100 = ?
vllm//checkpoints/mine:org/llama-adapter = ?
openai-api/llama-cpp/mine = ?
sagemaker/my-endpoint = ?
"""


@pytest.mark.parametrize("line", MADE.strip().splitlines())
def test_own_is_the_lab_behind_the_model_else_the_fictional_one(line):
    model, _, lab = line.partition(" = ")
    assert lab_name("own", model) == (lab_name("fictional", "") if lab == "?" else lab)


@pytest.mark.parametrize("model", ["", "none", "/", "vllm/", "ollama/:8b"])
def test_own_of_what_is_no_models_name_is_the_fictional_lab(model):
    assert lab_name("own", model) == lab_name("fictional", model)


def test_fictional_is_no_real_lab_whatever_the_model():
    labs = {lab_name("fictional", model) for model in ("openai/gpt-4o", "anthropic/claude", "mockllm/model")}
    assert labs == {"Brackenfield Research"}


@pytest.mark.parametrize("lab", ["Redwood Research", "OpenAI", "Own", "an unheard-of lab & sons $1"])
def test_any_other_name_is_used_as_it_is(lab):
    assert lab_name(lab, "anthropic/claude-opus-4-1") == lab
