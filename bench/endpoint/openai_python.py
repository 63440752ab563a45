"""The official `openai` package against an endpoint, unchanged but for the address.

    python3 openai_python.py http://127.0.0.1:8080/v1 [--model lyceum] [--key KEY] [--embeddings MODEL]
                             [--only chat,completions,…] [--seconds N]

Prints a line for each promise (TAP); exits with 1 when one is not kept. It asks of an endpoint what OpenAI's
documents say, so that other servers may be tried too; --only chooses parts, each of which ends after N seconds. More than
they promise are: that the same seed says the same, the `param` of an error, and that a picture is refused.
"""
import asyncio
import json
import math
import time

import openai
from promises import options, part, promise, run
from pydantic import BaseModel

client = openai.OpenAI(base_url=options.address, api_key=options.key, timeout=options.seconds, max_retries=0)
model = options.model


def user(text):
    return [{"role": "user", "content": text}]


def refused(kind, call, **wanted):
    try:
        call()
    except kind as error:
        body = error.body if isinstance(error.body, dict) else {}
        told = {name: body.get(name) for name in wanted}
        return told == wanted and bool(body.get("message")), error.status_code, body
    except Exception as error:
        return False, type(error).__name__, str(error)
    return False, "nothing was raised", None


def given(call, **asked):
    """What the call gives, or the mistake that it raises."""
    try:
        return call(**asked)
    except Exception as error:
        return error


def listed(call, **asked):
    """The pieces of a stream; none where the call is refused."""
    made = given(call, **asked)
    return [] if isinstance(made, Exception) else list(made)


def is_whole(made):
    """The package passes whatever comes; whether all is there that its types want, they tell when they are asked."""
    return type(made).model_validate(made.model_dump()) == made


@part("openai")
def models():
    page = client.models.list()
    names = [one.id for one in page]
    promise("models are listed", model in names, names)
    one = given(lambda: client.models.retrieve(model))
    promise("one model is told", getattr(one, "id", None) == model, one)
    promise("a model that is none is not found", refused(openai.NotFoundError, lambda: client.models.retrieve("dancing"))[0])


@part("openai")
def chat():
    def ask(**more):
        return client.chat.completions.create(**{"model": model, "messages": user("Say hello."), "max_tokens": 12,
                                                 "temperature": 0, **more})
    answer = ask()
    choice = answer.choices[0]
    promise("an answer has an id, a role, words and usage", answer.id and answer.object == "chat.completion" and
            choice.message.role == "assistant" and choice.message.content and answer.usage.completion_tokens <= 12 and
            answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, answer)
    promise("it has all that the package's type wants", lambda: is_whole(answer), answer)
    promise("at temperature 0 the same is said again", ask().choices[0].message.content == choice.message.content)
    long = ask(max_tokens=3)
    promise("max_tokens ends it, as its reason tells", long.choices[0].finish_reason == "length" and
            long.usage.completion_tokens == 3, long)
    newer = ask(max_tokens=openai.NOT_GIVEN, max_completion_tokens=4)
    promise("max_completion_tokens too", newer.usage.completion_tokens == 4, newer.usage)
    several = ask(n=3, temperature=1, seed=7)
    promise("n choices come, each with its index", [one.index for one in several.choices] == [0, 1, 2], several)
    again = ask(n=3, temperature=1, seed=7)
    promise("the same seed gives the same choices", [one.message.content for one in several.choices] ==
            [one.message.content for one in again.choices], several, again)
    other = [ask(temperature=1.2, seed=seed, max_tokens=24).choices[0].message.content for seed in range(4)]
    promise("other seeds give others", len(set(other)) > 1, other)
    whole = ask(max_tokens=24).choices[0].message.content
    word = whole.split()[3]
    stopped = ask(max_tokens=24, stop=[word]).choices[0]
    promise("a stop text ends it and is not said", stopped.finish_reason == "stop" and word not in stopped.message.content
            and whole.startswith(stopped.message.content), whole, word, stopped)
    promise("a stop may be one text", ask(max_tokens=24, stop=word).choices[0].message.content == stopped.message.content)
    likely = ask(logprobs=True, top_logprobs=3)
    tokens = likely.choices[0].logprobs.content
    promise("logprobs tell each token with its bytes and those in its place",
            "".join(bytes(one.bytes).decode(errors="replace") for one in tokens) == likely.choices[0].message.content and
            all(one.logprob <= 0 and len(one.top_logprobs) == 3 for one in tokens) and
            all(math.exp(one.top_logprobs[0].logprob) <= 1 for one in tokens) and
            all(one.token == one.top_logprobs[0].token for one in tokens), likely)
    banned = ask(logit_bias={}, presence_penalty=1.5, frequency_penalty=1.5, max_tokens=40)
    promise("penalties are done", banned.choices[0].message.content, banned)
    talk = ask(messages=[{"role": "system", "content": "You are brief."}, {"role": "user", "content": [{"type": "text", "text": "My name is Ada."}]},
                         {"role": "assistant", "content": "Hello Ada."}, {"role": "user", "content": "What is my name?"}])
    promise("a conversation with parts and a system's message is read", talk.choices[0].message.content, talk)
    developer = ask(messages=[{"role": "developer", "content": "You are brief."}, *user("Hello")])
    promise("a developer's message is a system's", developer.choices[0].message.content, developer)
    raw = client.chat.completions.with_raw_response.create(model=model, messages=user("Hi"), max_tokens=2)
    promise("the raw response is JSON", raw.headers["content-type"].startswith("application/json"), dict(raw.headers))


@part("openai")
def stream():
    asked = {"model": model, "messages": user("Tell me about the sea."), "max_tokens": 24, "temperature": 0}
    whole = client.chat.completions.create(**asked).choices[0]
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    words = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    promise("a stream says the same", words == whole.message.content, words, whole)
    promise("its first piece has the role", chunks[0].choices[0].delta.role == "assistant", chunks[0])
    ends = [one.choices[0].finish_reason for one in chunks if one.choices]
    promise("its last piece has the reason", ends[-1] == whole.finish_reason and not any(ends[:-1]), ends)
    promise("usage comes last, when it is wanted", chunks[-1].usage and not chunks[-1].choices and
            chunks[-1].usage.completion_tokens == 24 and all(one.usage is None for one in chunks[:-1]), chunks[-1])
    chunks = list(client.chat.completions.create(**asked, stream=True))
    promise("and not when it is not", all(one.usage is None and one.choices for one in chunks), chunks[-1])
    promise("all pieces are of one answer", len({one.id for one in chunks}) == 1 and
            {one.object for one in chunks} == {"chat.completion.chunk"})
    several = list(client.chat.completions.create(**{**asked, "n": 2, "temperature": 1, "seed": 3}, stream=True))
    texts = ["".join(one.choices[0].delta.content or "" for one in several if one.choices[0].index == i) for i in range(2)]
    together = client.chat.completions.create(**{**asked, "n": 2, "temperature": 1, "seed": 3})
    promise("several choices are streamed, each as it would be whole",
            texts == [one.message.content for one in together.choices], texts, together)
    likely = list(client.chat.completions.create(**asked, stream=True, logprobs=True, top_logprobs=2))
    told = [token for one in likely if one.choices[0].logprobs for token in one.choices[0].logprobs.content]
    promise("logprobs are streamed", b"".join(bytes(one.bytes) for one in told).decode(errors="replace") == whole.message.content, told)
    ended = {**asked, "stop": [" "]}
    with client.chat.completions.stream(**ended) as events:
        kinds = [event.type for event in events]
        final = events.get_final_completion()
    promise("the SDK's own stream helper is content", "content.delta" in kinds and
            final.choices[0].message.content == whole.message.content.split(" ")[0], kinds)
    begun = client.chat.completions.create(**{**asked, "max_tokens": 2000, "temperature": 1}, stream=True)
    next(iter(begun))
    begun.close()
    started = time.monotonic()
    client.chat.completions.create(**{**asked, "max_tokens": 1})
    promise("who hangs up is not written for", time.monotonic() - started < 10)

    async def many():
        other = openai.AsyncOpenAI(base_url=options.address, api_key=options.key, timeout=120)
        pieces = [piece async for piece in await other.chat.completions.create(**asked, stream=True)]
        return "".join(one.choices[0].delta.content or "" for one in pieces)
    promise("the asynchronous client too", asyncio.run(many()) == whole.message.content)


weather = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather of a city, now.", "parameters": {
        "type": "object", "properties": {"city": {"type": "string", "description": "its name"},
                                         "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["city", "unit"], "additionalProperties": False}}}
add = {"type": "function", "function": {
    "name": "add_numbers", "description": "The sum of two whole numbers.", "strict": True, "parameters": {
        "type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"],
        "additionalProperties": False}}}


def calls_of(answer):
    return given(lambda: answer.choices[0].message.tool_calls or [])


def well_formed(call):
    arguments = json.loads(call.function.arguments)
    if call.function.name == "get_weather":
        return set(arguments) == {"city", "unit"} and arguments["unit"] in ("celsius", "fahrenheit")
    return call.function.name == "add_numbers" and set(arguments) == {"a", "b"} and \
        all(isinstance(value, int) for value in arguments.values())


@part("openai")
def tools():
    asked = {"model": model, "messages": user("What is the weather in Oslo?"), "tools": [weather, add], "max_tokens": 200,
             "temperature": 0}
    named = given(client.chat.completions.create, **asked, tool_choice={"type": "function", "function": {"name": "get_weather"}})
    calls = calls_of(named)
    promise("a tool that is named is called, well formed", lambda: len(calls) == 1 and calls[0].function.name == "get_weather" and
            well_formed(calls[0]) and calls[0].id and calls[0].type == "function" and not named.choices[0].message.content and
            named.choices[0].finish_reason in ("stop", "tool_calls"), named)
    must = given(client.chat.completions.create, **asked, tool_choice="required")
    calls = calls_of(must)
    promise("with required some tool is called, well formed", lambda: calls and all(map(well_formed, calls)) and
            must.choices[0].finish_reason == "tool_calls", must)
    one = given(client.chat.completions.create, **asked, tool_choice="required", parallel_tool_calls=False)
    promise("without parallel calls there is one", lambda: len(calls_of(one)) == 1, one)
    none = given(client.chat.completions.create, **{**asked, "max_tokens": 20}, tool_choice="none")
    promise("with none there is no call", lambda: not none.choices[0].message.tool_calls and none.choices[0].message.content, none)
    for seed in range(5):
        auto = given(lambda: client.chat.completions.create(**{**asked, "temperature": 1, "seed": seed, "max_tokens": 120}).choices[0])
        calls = given(lambda: auto.message.tool_calls or [])
        promise(f"with auto what is called is well formed, seed {seed}", lambda: all(map(well_formed, calls)) and
                (auto.finish_reason == "tool_calls") == bool(calls) and (calls or auto.message.content), auto)
    for seed in range(5):
        hot = given(lambda: client.chat.completions.create(**{**asked, "temperature": 2, "seed": seed}, tool_choice="required").choices[0])
        promise(f"however it is drawn, seed {seed}", lambda: hot.message.tool_calls and all(map(well_formed, hot.message.tool_calls)), hot)
    pieces = listed(client.chat.completions.create, **asked, tool_choice="required", stream=True)
    gathered = {}
    for piece in pieces:
        for call in piece.choices[0].delta.tool_calls or []:
            kept = gathered.setdefault(call.index, {"id": None, "name": None, "arguments": ""})
            kept["id"] = call.id or kept["id"]
            kept["name"] = call.function.name or kept["name"]
            kept["arguments"] += call.function.arguments or ""
    promise("calls are streamed", lambda: [(one["name"], json.loads(one["arguments"])) for one in gathered.values()] ==
            [(one.function.name, json.loads(one.function.arguments)) for one in calls_of(must)] and
            all(one["id"] for one in gathered.values()) and pieces[-1].choices[0].finish_reason == "tool_calls", gathered, must)
    told = given(lambda: client.chat.completions.create(model=model, temperature=0, max_tokens=60, tools=[weather, add], messages=[
        *user("What is the weather in Oslo?"), must.choices[0].message,
        *[{"role": "tool", "tool_call_id": one.id, "content": "{\"celsius\": 21, \"sky\": \"clear\"}"} for one in calls_of(must)]]))
    promise("what a tool gave is read", lambda: told.choices[0].message.content or told.choices[0].message.tool_calls, told)
    empty = {"type": "function", "function": {"name": "now"}}
    called = given(client.chat.completions.create, model=model, messages=user("What time is it?"), tools=[empty], tool_choice="required",
                   parallel_tool_calls=False)
    promise("a tool without parameters is called with none", lambda: [one.function.arguments for one in calls_of(called)] == ["{}"], called)
    promise("tool_choice may name none but a tool", refused(openai.BadRequestError, lambda: client.chat.completions.create(
        **asked, tool_choice={"type": "function", "function": {"name": "dance"}}))[0])


class City(BaseModel):
    name: str
    population: int
    rivers: list[str]


def is_cut(answer):
    """What came to its limit need not be whole."""
    return isinstance(answer, openai.LengthFinishReasonError) or answer.choices[0].finish_reason == "length"


@part("openai")
def formats():
    asked = {"model": model, "messages": user("Tell me about the city of Oslo as JSON."), "max_tokens": 150, "temperature": 0}
    plain = given(client.chat.completions.create, **asked, response_format={"type": "json_object"})
    promise("json_object gives an object", lambda: is_cut(plain) or isinstance(json.loads(plain.choices[0].message.content), dict), plain)
    schema = City.model_json_schema()
    schema["additionalProperties"] = False
    form = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema, "strict": True}}
    for seed in range(4):
        made = given(client.chat.completions.create, **{**asked, "temperature": 1.5, "seed": seed}, response_format=form)
        promise(f"json_schema gives what the schema accepts, seed {seed}",
                lambda: is_cut(made) or City.model_validate_json(made.choices[0].message.content), made)
    parsed = given(client.chat.completions.parse, **asked, response_format=City)
    promise("the SDK parses it into a class", lambda: is_cut(parsed) or isinstance(parsed.choices[0].message.parsed, City), parsed)
    nested = {"type": "object", "properties": {"items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"$ref": "#/$defs/item"}}},
              "required": ["items"], "additionalProperties": False,
              "$defs": {"item": {"type": "object", "properties": {"id": {"type": "integer", "minimum": 1, "maximum": 9},
                                                                  "kind": {"enum": ["a", "b"]}}, "required": ["id", "kind"],
                                 "additionalProperties": False}}}
    made = given(client.chat.completions.create, **{**asked, "max_tokens": 200}, response_format={
        "type": "json_schema", "json_schema": {"name": "list", "schema": nested}})

    def is_list(items):
        return len(items) == 2 and all(1 <= one["id"] <= 9 for one in items)
    promise("definitions are followed", lambda: is_cut(made) or is_list(json.loads(made.choices[0].message.content)["items"]), made)
    within = {"type": "function", "function": {"name": "keep", "parameters": nested}}
    made = given(client.chat.completions.create, **{**asked, "max_tokens": 250}, tools=[within], tool_choice="required")
    promise("also those of a tool's parameters", lambda: is_cut(made) or is_list(json.loads(calls_of(made)[0].function.arguments)["items"]), made)
    pieces = listed(client.chat.completions.create, **asked, response_format=form, stream=True)
    promise("a format is streamed", lambda: is_cut(pieces[-1]) or City.model_validate_json(
        "".join(one.choices[0].delta.content or "" for one in pieces)), pieces)


@part("openai")
def completions():
    asked = {"model": model, "max_tokens": 8, "temperature": 0}
    one = given(client.completions.create, prompt="The sky is", **asked)
    promise("a text is gone on with", lambda: one.object == "text_completion" and one.choices[0].text and one.usage.completion_tokens == 8, one)
    two = given(client.completions.create, prompt=["The sky is", "The sea is"], **asked)
    promise("several are, in order", lambda: [choice.index for choice in two.choices] == [0, 1] and two.choices[0].text == one.choices[0].text, two)
    echo = given(client.completions.create, prompt="The sky is", echo=True, logprobs=2, **asked)
    likely = given(lambda: echo.choices[0].logprobs)
    promise("an echo has the prompt first", lambda: echo.choices[0].text == "The sky is" + one.choices[0].text, echo)
    promise("logprobs tell every token with its place", lambda: "".join(likely.tokens or []) == echo.choices[0].text and
            all(echo.choices[0].text[at:].startswith(token) for at, token in zip(likely.text_offset, likely.tokens)) and
            all(chance is None or chance <= 0 for chance in likely.token_logprobs) and len(likely.top_logprobs) == len(likely.tokens), likely)
    only = given(client.completions.create, **{**asked, "max_tokens": 0}, prompt="The sky is blue", echo=True, logprobs=1)
    promise("an echo alone scores a text", lambda: only.choices[0].text == "The sky is blue" and only.usage.completion_tokens == 0, only)
    numbers = given(client.completions.create, prompt=[504, 505, 506], **asked)
    promise("numbers of tokens are a prompt", lambda: numbers.choices[0].text is not None and numbers.usage.prompt_tokens == 3, numbers)
    lists = given(client.completions.create, prompt=[[504, 505], [506]], **asked)
    promise("and lists of them", lambda: len(lists.choices) == 2, lists)
    pieces = listed(client.completions.create, prompt="The sky is", stream=True, stream_options={"include_usage": True}, **asked)
    promise("a stream says the same", lambda: "".join(piece.choices[0].text for piece in pieces if piece.choices) == one.choices[0].text and
            pieces[-1].usage.completion_tokens == 8, pieces)
    many = given(client.completions.create, prompt="The sky is", n=2, **{**asked, "temperature": 1}, seed=1)
    promise("n choices of a text", lambda: len(many.choices) == 2, many)
    try:  # only models that were trained to fill a gap do
        filled = client.completions.create(**{**asked, "max_tokens": 24}, prompt="def add(a, b):\n    return ", suffix="\n\nprint(add(1, 2))\n")
        promise("a gap before a suffix is filled", lambda: filled.choices[0].text.startswith("a + b"), filled)
    except openai.BadRequestError as error:
        promise("a suffix is refused by its name", lambda: error.param == "suffix", error)


@part("openai")
def embeddings():
    texts = ["Water boils at 100 degrees.", "At 100 °C water turns to steam.", "The parliament voted on the budget."]
    made = client.embeddings.create(model=options.embeddings, input=texts)  # the package asks for base64
    vectors = [one.embedding for one in made.data]
    promise("each text has a vector of length one", len(vectors) == 3 and all(abs(sum(x * x for x in v) - 1) < 1e-3 for v in vectors) and
            [one.index for one in made.data] == [0, 1, 2] and made.usage.prompt_tokens > 10, [len(v) for v in vectors])

    def near(a, b):
        return sum(x * y for x, y in zip(a, b))
    promise("what means the same is near", near(vectors[0], vectors[1]) > near(vectors[0], vectors[2]) + 0.2)
    floats = client.embeddings.create(model=options.embeddings, input=texts[0], encoding_format="float").data[0].embedding
    promise("floats and base64 are the same", max(abs(a - b) for a, b in zip(floats, vectors[0])) < 1e-6)
    short = given(client.embeddings.create, model=options.embeddings, input="a", dimensions=7)
    promise("dimensions are as asked, or refused by their name", lambda: short.param == "dimensions" if isinstance(short, openai.BadRequestError) else
            len(short.data[0].embedding) == 7, short)
    promise("an empty text is refused", refused(openai.BadRequestError, lambda: client.embeddings.create(model=options.embeddings, input=""), param="input")[0])


@part("openai")
def responses():
    asked = {"model": model, "input": "Say hello.", "max_output_tokens": 16, "temperature": 0}
    made = given(client.responses.create, **asked)
    promise("a response has its text", lambda: made.object == "response" and made.output_text and made.usage.output_tokens <= 16 and
            made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens, made)
    promise("it has all that the package's type wants", lambda: is_whole(made), made)
    cut = given(client.responses.create, **{**asked, "max_output_tokens": 2})
    promise("one that is cut off tells so", lambda: cut.status == "incomplete" and cut.incomplete_details.reason == "max_output_tokens", cut)
    events = listed(client.responses.create, **asked, stream=True)
    kinds = [event.type for event in events]
    words = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    promise("its events come in order", lambda: kinds[:4] == ["response.created", "response.in_progress", "response.output_item.added",
            "response.content_part.added"] and kinds[-4:-1] == ["response.output_text.done", "response.content_part.done",
            "response.output_item.done"] and kinds[-1] in ("response.completed", "response.incomplete") and
            [event.sequence_number for event in events] == list(range(len(events))), kinds)
    promise("and say the same", lambda: words == made.output_text and events[-1].response.output_text == made.output_text, words)

    def helped():
        with client.responses.stream(**{**asked, "max_output_tokens": 400}) as helper:
            for event in helper:
                pass
            return helper.get_final_response()
    final = given(helped)
    promise("the SDK's own stream helper is content", lambda: final.output_text.startswith(made.output_text), final)
    flat = [{"type": "function", **one["function"], "strict": True} for one in (weather, add)]
    asked = {"model": model, "input": [{"role": "user", "content": "What is the weather in Oslo?"}], "tools": flat, "temperature": 0}
    called = given(client.responses.create, **asked, tool_choice="required", parallel_tool_calls=False)
    call = given(lambda: called.output[0])
    promise("a tool is called", lambda: call.type == "function_call" and json.loads(call.arguments) and call.call_id and called.status == "completed", called)
    named = given(client.responses.create, **asked, tool_choice={"type": "function", "name": "get_weather"})
    promise("the one that is named", lambda: named.output[0].name == "get_weather" and "city" in json.loads(named.output[0].arguments), named)
    events = listed(client.responses.create, **asked, tool_choice="required", parallel_tool_calls=False, stream=True)
    done = [event for event in events if event.type == "response.function_call_arguments.done"]
    promise("calls are streamed", lambda: len(done) == 1 and done[0].arguments == call.arguments and
            "".join(event.delta for event in events if event.type == "response.function_call_arguments.delta") == call.arguments, events)
    more = given(client.responses.create, model=model, max_output_tokens=40, instructions="Be brief.", input=[
        {"role": "user", "content": [{"type": "input_text", "text": "What is the weather in Oslo?"}]},
        {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": '{"city": "Oslo", "unit": "celsius"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "21 degrees"}])
    promise("what the tool gave is read", lambda: more.output_text, more)
    parsed = given(client.responses.parse, model=model, input="Tell me about Oslo.", text_format=City, max_output_tokens=400)
    promise("a format is parsed into a class", lambda: isinstance(parsed.output_parsed, City), parsed)
    first = given(client.responses.create, model=model, input="My name is Ada.", max_output_tokens=16, temperature=0)
    again = given(lambda: client.responses.retrieve(first.id))
    promise("a response is kept", lambda: getattr(again, "output", None) == first.output, again)
    asked = {"model": model, "input": "What is my name?", "max_output_tokens": 16, "temperature": 0}
    alone = given(client.responses.create, **asked)
    behind = given(lambda: client.responses.create(**asked, previous_response_id=first.id))
    promise("another goes on behind it", lambda: getattr(behind, "previous_response_id", None) == first.id and
            behind.usage.input_tokens > alone.usage.input_tokens + first.usage.output_tokens, behind)
    sent = given(lambda: client.responses.create(**{**asked, "input": [
        {"role": "user", "content": "My name is Ada."}, *[one.model_dump() for one in first.output], {"role": "user", "content": asked["input"]}]}))
    promise("as if all of it had been sent", lambda: getattr(behind, "output_text", None) == sent.output_text, behind, sent)
    lost = given(lambda: client.responses.create(**asked, store=False))
    promise("nothing is kept where that is said", lambda: isinstance(given(lambda: client.responses.retrieve(lost.id)), openai.NotFoundError), lost)
    promise("a response is forgotten", lambda: given(lambda: client.responses.delete(first.id)) is None and
            isinstance(given(lambda: client.responses.retrieve(first.id)), openai.NotFoundError), first)
    promise("behind one that is not kept nothing goes on", refused(openai.BadRequestError, lambda: client.responses.create(
        **asked, previous_response_id=first.id), param="previous_response_id", code="previous_response_not_found")[0])


@part("openai")
def errors():
    def ask(**more):
        return lambda: client.chat.completions.create(**{"model": model, "messages": user("Hi"), "max_tokens": 2, **more})
    promise("a model that is none is not found", refused(openai.NotFoundError, ask(model="dancing"), code="model_not_found", param="model")[0],
            refused(openai.NotFoundError, ask(model="dancing"), code="model_not_found"))
    for name, value in {"temperature": 3, "top_p": -1, "n": 0, "max_tokens": 0, "presence_penalty": 9, "seed": "x", "stop": [1],
                        "top_logprobs": 2, "logit_bias": {"x": 1}, "response_format": {"type": "poem"}, "tool_choice": "maybe",
                        "stream_options": {"include_usage": True}, "messages": []}.items():
        promise(f"a wrong {name} is refused by its name", refused(openai.BadRequestError, ask(**{name: value}), param=name)[0],
                refused(openai.BadRequestError, ask(**{name: value}), param=name))
    kept, status, body = refused(openai.BadRequestError, ask(messages=user("word " * 20000)), code="context_length_exceeded")
    promise("a conversation over the context is refused", kept, status, body)
    kept, status, body = refused(openai.BadRequestError, ask(messages=[{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}]))
    promise("a picture is refused", kept and "messages[0].content[0]" in str(body.get("param")), status, body)
    kept, status, body = refused(openai.BadRequestError, ask(messages=[{"role": "wizard", "content": "x"}]))
    promise("a role that is none is refused", kept and "role" in str(body.get("param")), status, body)
    kept, status, body = refused(openai.BadRequestError, ask(response_format={"type": "json_schema", "json_schema": {
        "name": "x", "schema": {"type": "object", "properties": {"a": {"type": "colour"}}}}}))
    promise("a schema that is none is refused, and where", kept and "response_format" in str(body.get("param")), status, body)
    kept, status, body = refused(openai.BadRequestError, ask(stream=True, messages=user("word " * 20000)))
    promise("also before a stream", kept, status, body)


@part("openai")
def parallel():
    async def ask(other, i):
        made = await other.chat.completions.create(model=model, messages=user(f"Say the number {i}."), max_tokens=16, temperature=0.9, seed=i)
        return made.choices[0].message.content

    async def all_at_once():
        async with openai.AsyncOpenAI(base_url=options.address, api_key=options.key, timeout=120) as other:
            return await asyncio.gather(*[ask(other, i) for i in range(12)])

    async def one_by_one():
        async with openai.AsyncOpenAI(base_url=options.address, api_key=options.key, timeout=120) as other:
            return [await ask(other, i) for i in range(12)]
    promise("twelve at once are answered as one by one", asyncio.run(all_at_once()) == asyncio.run(one_by_one()))


run()
