"""Libraries that are built on OpenAI's API against an endpoint, unchanged but for the address.

    python3 clients.py http://127.0.0.1:8080/v1 [--model lyceum] [--key KEY] [--embeddings MODEL] [--only agents,llm,…] [--seconds N]

Prints a line for each promise (TAP); a library that is not installed is skipped. Exits with 1 when a promise is not
kept; a part ends after N seconds. A model need not be wise: what is asked is that each library comes to its end and gets
the form it expects.
"""
import asyncio
import json
import os
import subprocess
import sys
import traceback
import warnings

from promises import options, part, promise, run
from pydantic import BaseModel

os.environ.update(OPENAI_API_KEY=options.key, OPENAI_BASE_URL=options.address, OPENAI_API_BASE=options.address,
                  OPENAI_AGENTS_DISABLE_TRACING="1", LANGSMITH_TRACING="false", LITELLM_LOCAL_MODEL_COST_MAP="True", HAYSTACK_TELEMETRY_ENABLED="False")
model, address, key = options.model, options.address, options.key
loop = asyncio.new_event_loop()  # one for all: clients keep their connections in it
asyncio.set_event_loop(loop)


def tried(what, call, wanted=bool):
    """The call comes to its end, and what it gives is as wanted."""
    try:
        made = call()
        made = loop.run_until_complete(made) if asyncio.iscoroutine(made) else made
        promise(what, wanted(made), made)
        return made
    except Exception as error:
        promise(what, False, type(error).__name__, str(error), traceback.format_exc()[-800:])
        return None


class City(BaseModel):
    name: str
    population: int


def is_city(made):
    return isinstance(made, City)


def get_weather(city: str, unit: str = "celsius") -> str:
    """The weather of a city, now.

    Args:
        city: its name
        unit: celsius or fahrenheit
    """
    weather_of.append(city)
    return f"21 degrees {unit} in {city}, clear."


weather_of = []


def was_asked(wanted=bool):
    """As wanted, and get_weather was called on the way."""
    def look(made):
        called = len(weather_of) > 0
        weather_of.clear()
        return called and wanted(made)
    return look


# ---------------------------------------------------------------------------------------- agents


@part("openai-agents")
def agents():
    import agents as library
    from agents import Agent, ModelSettings, Runner, function_tool
    from openai import AsyncOpenAI
    client = AsyncOpenAI(base_url=address, api_key=key, max_retries=0)
    weather = function_tool(get_weather)
    brief = ModelSettings(max_tokens=300, temperature=0)
    must = ModelSettings(max_tokens=120, temperature=0, tool_choice="required")

    for kind, made in (("responses", library.OpenAIResponsesModel), ("chat", library.OpenAIChatCompletionsModel)):
        speaker = made(model=model, openai_client=client)

        def agent(name="Tutor", **more):
            return Agent(**{"name": name, "instructions": "You are brief.", "model": speaker, "model_settings": brief, **more})
        tried(f"agents, {kind}: words", lambda: Runner.run(agent(), "Say hello."), lambda made: made.final_output)
        tried(f"agents, {kind}: a tool is called, and its result read", lambda: Runner.run(
            agent(tools=[weather], model_settings=must), "What is the weather in Oslo?"), was_asked(lambda made: made.final_output))
        tried(f"agents, {kind}: what the tool gave is the end", lambda: Runner.run(agent(
            tools=[weather], model_settings=must, tool_use_behavior="stop_on_first_tool"), "What is the weather in Oslo?"),
            was_asked(lambda made: "degrees" in made.final_output))
        tried(f"agents, {kind}: tools as the model likes", lambda: Runner.run(agent(tools=[weather]), "What is the weather in Oslo?"),
              lambda made: made.final_output is not None)
        weather_of.clear()
        tried(f"agents, {kind}: a class as output", lambda: Runner.run(agent(
            output_type=City, model_settings=ModelSettings(max_tokens=200, temperature=0)), "Tell me about Oslo."),
            lambda made: is_city(made.final_output))

        async def hand_over():
            other = agent("Other", instructions="You say goodbye.")
            first = agent("First", handoffs=[other], model_settings=must)
            return await Runner.run(first, "Ask the other one.")
        tried(f"agents, {kind}: a handoff", hand_over, lambda made: made.last_agent.name == "Other" and made.final_output)

        async def stream(**more):
            run = Runner.run_streamed(agent(**more), "What is the weather in Oslo?")
            kinds = []
            async for event in run.stream_events():
                kinds.append(event.type if event.type != "raw_response_event" else event.data.type)
            return run.final_output, kinds
        tried(f"agents, {kind}: a stream", stream, lambda made: made[0] and "response.output_text.delta" in made[1] and
              "response.completed" in made[1] or "response.incomplete" in made[1])
        tried(f"agents, {kind}: a stream with a tool", lambda: stream(tools=[weather], model_settings=must), was_asked(
            lambda made: made[0] and "response.function_call_arguments.delta" in made[1]))
        tried(f"agents, {kind}: usage is counted", lambda: Runner.run(agent(), "Say hello."),
              lambda made: made.context_wrapper.usage.output_tokens > 0 and made.context_wrapper.usage.requests == 1)

        async def twice():
            first = await Runner.run(agent(tools=[weather], model_settings=must), "What is the weather in Oslo?")
            return await Runner.run(agent(), first.to_input_list() + [{"role": "user", "content": "And now?"}])
        tried(f"agents, {kind}: a conversation goes on", twice, was_asked(lambda made: made.final_output))

        async def remembered():
            session = library.SQLiteSession("one")
            await Runner.run(agent(), "My name is Ada.", session=session)
            await Runner.run(agent(), "What is my name?", session=session)
            return await session.get_items()
        tried(f"agents, {kind}: a session", remembered, lambda made: len(made) == 4)


# ----------------------------------------------------------------------------------- pydantic-ai


@part("pydantic-ai-slim")
def pydantic_ai():
    import pydantic_ai as library
    from pydantic_ai import Agent, NativeOutput, PromptedOutput, ToolOutput
    from pydantic_ai.models import openai as models
    from pydantic_ai.providers.openai import OpenAIProvider
    provider = OpenAIProvider(base_url=address, api_key=key)
    for kind, made in (("chat", models.OpenAIChatModel), ("responses", models.OpenAIResponsesModel)):
        speaker = made(model, provider=provider)

        def agent(**more):
            return Agent(speaker, **{"instructions": "You are brief.", "model_settings": {"max_tokens": 200, "temperature": 0}, **more})
        tried(f"pydantic-ai, {kind}: words", lambda: agent().run("Say hello."), lambda made: made.output and made.usage.output_tokens > 0)
        for output in (City, ToolOutput(City), NativeOutput(City), PromptedOutput(City)):
            name = type(output).__name__ if output is not City else "a class"
            tried(f"pydantic-ai, {kind}: {name} as output", lambda: agent(output_type=output, retries=5).run(
                "Tell me about Oslo: {\"name\": \"Oslo\", \"population\": 709000}."), lambda made: is_city(made.output))
        tried(f"pydantic-ai, {kind}: a list as output", lambda: agent(output_type=list[str]).run("Name three rivers."),
              lambda made: isinstance(made.output, list))
        tried(f"pydantic-ai, {kind}: one of two classes", lambda: agent(output_type=[City, bool]).run("Is Oslo a city?"),
              lambda made: isinstance(made.output, (City, bool)))

        async def with_tool():
            one = agent(output_type=City, retries=3)
            one.tool_plain(get_weather)
            return await one.run("What is the weather in Oslo? Then tell me about the city.")
        tried(f"pydantic-ai, {kind}: tools beside an output", with_tool, lambda made: is_city(made.output))
        weather_of.clear()

        async def stream():
            async with agent().run_stream("Tell me about the sea.") as made:
                pieces = [piece async for piece in made.stream_text(delta=True)]
            return "".join(pieces), await made.get_output(), made.usage
        tried(f"pydantic-ai, {kind}: a stream", stream, lambda made: made[0] and made[0] == made[1] and made[2].output_tokens > 0)

        async def stream_class():
            async with agent(output_type=City).run_stream("Tell me about Oslo.") as made:
                return [piece async for piece in made.stream_output()][-1]
        tried(f"pydantic-ai, {kind}: a class is streamed", stream_class, is_city)

        async def twice():
            first = await agent().run("My name is Ada.")
            return await agent().run("What is my name?", message_history=first.all_messages())
        tried(f"pydantic-ai, {kind}: a conversation goes on", twice, lambda made: made.output)
    from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
    tried("pydantic-ai: embeddings", lambda: library.Embedder(OpenAIEmbeddingModel(options.embeddings, provider=provider)).embed_documents(
        ["Water boils.", "The vote."]), lambda made: len(made.embeddings) == 2)


# ------------------------------------------------------------------------------------- langchain


@part("langchain", "langchain-openai", "langgraph")
def langchain():
    from langchain.agents import create_agent
    from langchain_core.messages import HumanMessage
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
    from langgraph.prebuilt import create_react_agent
    weather = tool(get_weather)
    for kind, more in (("chat", {}), ("responses", {"use_responses_api": True})):
        speaker = ChatOpenAI(model=model, base_url=address, api_key=key, max_tokens=150, temperature=0, max_retries=0, **more)
        tried(f"langchain, {kind}: words", lambda: speaker.invoke("Say hello."), lambda made: made.text and made.usage_metadata["output_tokens"])
        tried(f"langchain, {kind}: a stream with usage", lambda: list(speaker.stream("Tell me about the sea.", stream_usage=True) if not more
              else speaker.stream("Tell me about the sea.")), lambda made: "".join(one.text for one in made) and
              sum((one.usage_metadata or {}).get("output_tokens", 0) for one in made) > 0)
        tried(f"langchain, {kind}: asynchronous batch", lambda: speaker.abatch([f"Say {i}." for i in range(4)]), lambda made: len(made) == 4)
        for method in ("json_schema", "function_calling", "json_mode"):
            tried(f"langchain, {kind}: {method}", lambda: speaker.with_structured_output(City if method != "json_mode" else None, method=method)
                  .invoke("Tell me about Oslo, as JSON."), is_city if method != "json_mode" else lambda made: isinstance(made, dict))
        tried(f"langchain, {kind}: a tool is called", lambda: speaker.bind_tools([weather], tool_choice="any").invoke("The weather in Oslo?"),
              lambda made: made.tool_calls[0]["name"] == "get_weather" and made.response_metadata)
        tried(f"langchain, {kind}: the one that is named", lambda: speaker.bind_tools([weather], tool_choice="get_weather", strict=True).invoke(
            "The weather in Oslo?"), lambda made: made.tool_calls[0]["name"] == "get_weather")
        tried(f"langchain, {kind}: a call is streamed", lambda: sum_of(speaker.bind_tools([weather], tool_choice="any").stream("The weather in Oslo?")),
              lambda made: made.tool_calls[0]["name"] == "get_weather")
        if not more:
            tried("langchain, chat: logprobs", lambda: speaker.bind(logprobs=True, top_logprobs=2).invoke("Say hello."),
                  lambda made: made.response_metadata["logprobs"]["content"])
        asked = {"messages": [HumanMessage("What is the weather in Oslo?")]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tried(f"langgraph, {kind}: its agent with tools", lambda: create_react_agent(speaker, [weather]).invoke(asked, {"recursion_limit": 9}),
                  lambda made: made["messages"][-1].text is not None)
        tried(f"langchain, {kind}: its agent with tools", lambda: create_agent(speaker, [weather]).invoke(asked, {"recursion_limit": 9}),
              lambda made: len(made["messages"]) >= 2)
        tried(f"langchain, {kind}: its agent with a class", lambda: create_agent(speaker, [], response_format=City).invoke(
            {"messages": [HumanMessage("Tell me about Oslo.")]}, {"recursion_limit": 9}), lambda made: is_city(made["structured_response"]))
        weather_of.clear()
    text = OpenAI(model=model, base_url=address, api_key=key, max_tokens=8, temperature=0, max_retries=0)
    tried("langchain: completions", lambda: text.invoke("The sky is"))
    tried("langchain: completions as a stream", lambda: "".join(text.stream("The sky is")))
    tried("langchain: several completions", lambda: text.generate(["The sky is", "The sea is"]), lambda made: len(made.generations) == 2)
    vectors = OpenAIEmbeddings(model=options.embeddings, base_url=address, api_key=key, check_embedding_ctx_length=False)
    tried("langchain: embeddings", lambda: vectors.embed_documents(["Water boils.", "The vote."]), lambda made: len(made) == 2 and len(made[0]) > 100)


def sum_of(pieces):
    total = None
    for piece in pieces:
        total = piece if total is None else total + piece
    return total


# ------------------------------------------------------------------------------------ instructor


@part("instructor")
def instructor():
    import instructor as library
    import openai
    asked = {"model": model, "messages": [{"role": "user", "content": "Tell me about Oslo: {\"name\": \"Oslo\", \"population\": 709000}."}],
             "max_tokens": 200, "temperature": 0, "max_retries": 2}
    for mode in ("TOOLS", "TOOLS_STRICT", "JSON", "MD_JSON", "JSON_SCHEMA", "FUNCTIONS", "JSON_O1", "RESPONSES_TOOLS"):
        if not hasattr(library.Mode, mode):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = library.from_openai(openai.OpenAI(base_url=address, api_key=key, max_retries=0), mode=getattr(library.Mode, mode))
            more = {**asked, "messages": asked["messages"]}
            if mode == "RESPONSES_TOOLS":
                more["max_output_tokens"] = more.pop("max_tokens")
            tried(f"instructor: {mode}", lambda: client.chat.completions.create(response_model=City, **more), is_city)
    client = library.from_openai(openai.OpenAI(base_url=address, api_key=key, max_retries=0))
    tried("instructor: a part of it at a time", lambda: list(client.chat.completions.create_partial(response_model=City, **asked))[-1],
          lambda made: made.name is not None)
    tried("instructor: several of them", lambda: list(client.chat.completions.create_iterable(response_model=City, **asked)),
          lambda made: all(map(is_city, made)))


# ------------------------------------------------------------------------------------------- llm


@part("llm")
def llm():
    folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"lyceum-llm-{os.getpid()}")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "extra-openai-models.yaml"), "w") as file:
        file.write(f"- model_id: here\n  model_name: {model}\n  api_base: {address}\n  supports_tools: true\n  supports_schema: true\n"
                   f"- model_id: text\n  model_name: {model}\n  api_base: {address}\n  completion: true\n")

    def ask(*arguments):
        ran = subprocess.run([os.path.join(os.path.dirname(sys.executable), "llm"), *arguments], capture_output=True, timeout=120,
                             env={**os.environ, "LLM_USER_PATH": folder}, text=True, stdin=subprocess.DEVNULL)
        if ran.returncode:
            raise RuntimeError(ran.stdout + ran.stderr)
        return ran.stdout
    brief = ["-o", "max_tokens", "60", "-o", "temperature", "0"]
    tried("llm: words, as a stream", lambda: ask("-m", "here", "Say hello.", *brief), lambda made: made.strip())
    tried("llm: words at once", lambda: ask("-m", "here", "--no-stream", "-s", "You are brief.", "Say hello.", *brief), lambda made: made.strip())
    tried("llm: the conversation goes on", lambda: ask("-c", "And goodbye.", *brief), lambda made: made.strip())
    tried("llm: a schema", lambda: json.loads(ask("-m", "here", "--schema", "name, population int", "Tell me about Oslo.")),
          lambda made: set(made) == {"name", "population"})
    tried("llm: a tool", lambda: ask("-m", "here", "-T", "llm_version", "--td", "Which version is it?", *brief), lambda made: made.strip())
    tried("llm: a text is gone on with", lambda: ask("-m", "text", "The sky is", "-o", "max_tokens", "8"), lambda made: made.strip())


# --------------------------------------------------------------------------------------- litellm


@part("litellm")
def litellm():
    import litellm as library
    library.telemetry = False
    asked = {"api_base": address, "api_key": key, "num_retries": 0}
    talk = {**asked, "model": f"openai/{model}", "messages": [{"role": "user", "content": "What is the weather in Oslo?"}], "max_tokens": 120,
            "temperature": 0}
    tried("litellm: words", lambda: library.completion(**talk), lambda made: made.choices[0].message.content and made.usage.completion_tokens)
    tried("litellm: a stream with usage", lambda: list(library.completion(**talk, stream=True, stream_options={"include_usage": True})),
          lambda made: made[-1].usage.completion_tokens > 0)
    tried("litellm: asynchronous", lambda: library.acompletion(**talk), lambda made: made.choices[0].message.content)
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                                                                                 "required": ["city"]}}}
    tried("litellm: a tool is called", lambda: library.completion(**talk, tools=[tool], tool_choice="required"),
          lambda made: made.choices[0].message.tool_calls[0].function.name == "get_weather")
    tried("litellm: a call is streamed", lambda: library.stream_chunk_builder(list(library.completion(**talk, tools=[tool], tool_choice="required",
          stream=True))), lambda made: made.choices[0].message.tool_calls[0].function.name == "get_weather")
    tried("litellm: a class", lambda: City.model_validate_json(library.completion(**talk, response_format=City).choices[0].message.content), is_city)
    tried("litellm: a text is gone on with", lambda: library.text_completion(model=f"text-completion-openai/{model}", prompt="The sky is",
          max_tokens=6, **asked), lambda made: made.choices[0].text)
    tried("litellm: embeddings", lambda: library.embedding(model=f"openai/{options.embeddings}", input=["Water boils."], **asked),
          lambda made: len(made.data[0]["embedding"]) > 100)
    ask = {**asked, "model": f"openai/{model}", "input": "Say hello.", "max_output_tokens": 40}
    tried("litellm: responses", lambda: library.responses(**ask), lambda made: made.output[0].content[0].text)
    tried("litellm: responses as a stream", lambda: list(library.responses(**ask, stream=True)),
          lambda made: made[-1].type in ("response.completed", "response.incomplete"))

    def refused():
        try:
            library.completion(**{**talk, "messages": [{"role": "user", "content": "word " * 20000}]})
        except library.ContextWindowExceededError:
            return True
    tried("litellm: what is over the context is told as that", refused)


# ------------------------------------------------------------------------------------------ dspy


@part("dspy")
def dspy():
    import dspy as library
    speaker = library.LM(f"openai/{model}", api_base=address, api_key=key, max_tokens=300, temperature=0, cache=False, num_retries=0)

    class Tell(library.Signature):
        """Tell about a city."""
        question: str = library.InputField()
        city: City = library.OutputField()
    for kind, adapter in (("chat", library.ChatAdapter()), ("JSON", library.JSONAdapter())):
        with library.context(lm=speaker, adapter=adapter):
            tried(f"dspy, {kind}: a question", lambda: library.Predict("question -> answer")(question="What is water?"), lambda made: made.answer)
            if kind == "JSON":
                tried(f"dspy, {kind}: a class", lambda: library.Predict(Tell)(question="What is Oslo?"), lambda made: is_city(made.city))
    with library.context(lm=library.LM(f"openai/{model}", api_base=address, api_key=key, model_type="responses", max_tokens=300, cache=False,
                                       num_retries=0), adapter=library.JSONAdapter()):
        tried("dspy, responses: a question", lambda: library.Predict("question -> answer")(question="What is water?"), lambda made: made.answer)
    tried("dspy: embeddings", lambda: library.Embedder(f"openai/{options.embeddings}", api_base=address, api_key=key, caching=False)(["Water boils."]),
          lambda made: made.shape[0] == 1)


# ------------------------------------------------------------------------------------- llamaindex


@part("llama-index-llms-openai-like")
def llamaindex():
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.tools import FunctionTool
    from llama_index.embeddings.openai_like import OpenAILikeEmbedding
    from llama_index.llms.openai_like import OpenAILike
    speaker = OpenAILike(model=model, api_base=address, api_key=key, is_chat_model=True, is_function_calling_model=True, context_window=8192,
                         max_tokens=120, temperature=0, max_retries=0)
    text = OpenAILike(model=model, api_base=address, api_key=key, is_chat_model=False, context_window=8192, max_tokens=8, max_retries=0)
    talk = [ChatMessage(role="user", content="What is the weather in Oslo?")]
    weather = FunctionTool.from_defaults(get_weather)
    tried("llama-index: words", lambda: speaker.chat(talk), lambda made: made.message.content)
    tried("llama-index: a stream", lambda: "".join(one.delta or "" for one in speaker.stream_chat(talk)))
    tried("llama-index: a text is gone on with", lambda: text.complete("The sky is"), lambda made: made.text)
    tried("llama-index: as a stream", lambda: "".join(one.delta or "" for one in text.stream_complete("The sky is")))
    tried("llama-index: a tool is called", lambda: speaker.predict_and_call([weather], user_msg="What is the weather in Oslo?", tool_required=True),
          was_asked())
    tried("llama-index: a class", lambda: speaker.as_structured_llm(City).complete("Tell me about Oslo."), lambda made: is_city(made.raw))

    async def agent():
        return await FunctionAgent(tools=[weather], llm=speaker, system_prompt="You are brief.").run("What is the weather in Oslo?", max_iterations=4)
    tried("llama-index: its agent with tools", agent, lambda made: made.response is not None)
    weather_of.clear()
    vectors = OpenAILikeEmbedding(model_name=options.embeddings, api_base=address, api_key=key)
    tried("llama-index: embeddings", lambda: vectors.get_text_embedding_batch(["Water boils.", "The vote."]), lambda made: len(made) == 2)


# --------------------------------------------------------------------------------------- haystack


@part("haystack-ai")
def haystack():
    from haystack.components.agents import Agent
    from haystack.components.embedders import OpenAIDocumentEmbedder, OpenAITextEmbedder
    from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
    from haystack.dataclasses import ChatMessage, Document
    from haystack.tools import create_tool_from_function
    from haystack.utils import Secret
    secret = Secret.from_token(key)
    weather = create_tool_from_function(get_weather)
    talk = [ChatMessage.from_user("What is the weather in Oslo?")]
    for kind, made, limit in (("chat", OpenAIChatGenerator, "max_completion_tokens"), ("responses", OpenAIResponsesChatGenerator, "max_output_tokens")):
        def speaker(**more):
            generation = {limit: 120, "temperature": 0, **more.pop("generation", {})}
            return made(model=model, api_base_url=address, api_key=secret, generation_kwargs=generation, **more)
        tried(f"haystack, {kind}: words", lambda: speaker().run(talk), lambda made: made["replies"][0].text)
        heard = []
        tried(f"haystack, {kind}: a stream", lambda: speaker(streaming_callback=heard.append).run(talk),
              lambda made: made["replies"][0].text and len(heard) > 1)
        tried(f"haystack, {kind}: a tool is called", lambda: speaker(tools=[weather], generation={"tool_choice": "required"}).run(talk),
              lambda made: made["replies"][0].tool_calls[0].tool_name == "get_weather")
        tried(f"haystack, {kind}: a call is streamed", lambda: speaker(tools=[weather], generation={"tool_choice": "required"},
              streaming_callback=heard.append).run(talk), lambda made: made["replies"][0].tool_calls[0].tool_name == "get_weather")
        tried(f"haystack, {kind}: a class", lambda: City.model_validate_json(speaker(generation={
            "response_format" if kind == "chat" else "text_format": City}).run(talk)["replies"][0].text), is_city)
        tried(f"haystack, {kind}: its agent with tools", lambda: Agent(chat_generator=speaker(), tools=[weather], max_agent_steps=3).run(messages=talk),
              lambda made: made["messages"])
        weather_of.clear()
    tried("haystack: embeddings", lambda: OpenAITextEmbedder(model=options.embeddings, api_base_url=address, api_key=secret).run("Water boils."),
          lambda made: len(made["embedding"]) > 100)
    tried("haystack: embeddings of documents", lambda: OpenAIDocumentEmbedder(model=options.embeddings, api_base_url=address, api_key=secret,
          progress_bar=False).run([Document(content="Water boils.")]), lambda made: len(made["documents"][0].embedding) > 100)


# ----------------------------------------------------------------------------------------- grammars


@part("outlines")
def outlines():
    import openai
    import outlines as library
    speaker = library.from_openai(openai.OpenAI(base_url=address, api_key=key, max_retries=0), model)
    tried("outlines: words", lambda: speaker("Say hello.", max_tokens=20))
    tried("outlines: a class", lambda: City.model_validate_json(speaker("Tell me about Oslo.", City, max_tokens=200)), is_city)
    tried("outlines: a stream", lambda: "".join(speaker.stream("Say hello.", max_tokens=20)))


@part("guidance")
def guidance():
    import guidance as library
    from guidance.models import OpenAI
    speaker = OpenAI(model, api_key=key, base_url=address, echo=False)

    def ask(wanted):
        told = speaker
        with library.user():
            told += "Tell me about Oslo."
        with library.assistant():
            told += wanted
        return told["made"]
    tried("guidance: words", lambda: ask(library.gen(name="made", max_tokens=20)))
    tried("guidance: a class", lambda: City.model_validate_json(ask(library.json(name="made", schema=City, max_tokens=200))), is_city)


run()
