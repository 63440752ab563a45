// The official `openai` package for JavaScript against an endpoint, unchanged but for the address.
//
//     npm install openai && node openai_node.mjs http://127.0.0.1:8080/v1 [MODEL] [EMBEDDINGS] [KEY]
//
// Prints a line for each promise (TAP); exits with 1 when one is not kept.
import OpenAI from "openai";

const [address, model = "lyceum", embeddings = "all-MiniLM-L6-v2", key = "none"] = process.argv.slice(2);
const client = new OpenAI({ baseURL: address, apiKey: key, maxRetries: 0, timeout: 120000 });
let tests = 0, failed = 0;

function promise(what, kept, ...shown) {
  tests++;
  if (!kept) failed++;
  console.log(`${kept ? "ok" : "not ok"} ${tests} - ${what}`);
  if (!kept) console.log("# " + JSON.stringify(shown).slice(0, 1500));
}
const user = (content) => [{ role: "user", content }];
async function gather(stream) {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
}
async function refused(status, param, call) {
  try {
    await call();
  } catch (error) {
    return error instanceof OpenAI.APIError && error.status === status && (param === null || error.param === param) && !!error.message;
  }
  return false;
}
const weather = {
  name: "get_weather", description: "The weather of a city, now.",
  parameters: {
    type: "object", properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
    required: ["city", "unit"], additionalProperties: false,
  },
};
const soundWeather = (text) => {
  const made = JSON.parse(text);
  return typeof made.city === "string" && ["celsius", "fahrenheit"].includes(made.unit) && Object.keys(made).length === 2;
};

const names = [];
for await (const one of client.models.list()) names.push(one.id);
promise("models are listed", names.includes(model), names);
promise("one model is told", (await client.models.retrieve(model)).id === model);

const asked = { model, messages: user("Tell me about the sea."), max_tokens: 16, temperature: 0 };
const whole = await client.chat.completions.create(asked);
promise("an answer has words and usage", whole.choices[0].message.content && whole.usage.completion_tokens <= 16, whole);
const chunks = await gather(await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } }));
promise("a stream says the same", chunks.map((one) => one.choices[0]?.delta.content ?? "").join("") === whole.choices[0].message.content, chunks);
promise("usage comes last", chunks.at(-1).usage?.completion_tokens === whole.usage.completion_tokens, chunks.at(-1));
const several = await client.chat.completions.create({ ...asked, n: 2, temperature: 1, seed: 5 });
const again = await client.chat.completions.create({ ...asked, n: 2, temperature: 1, seed: 5 });
promise("the same seed gives the same choices", JSON.stringify(several.choices) === JSON.stringify(again.choices), several, again);
const likely = await client.chat.completions.create({ ...asked, logprobs: true, top_logprobs: 2 });
promise("logprobs are told", likely.choices[0].logprobs.content.every((one) => one.logprob <= 0 && one.top_logprobs.length === 2), likely);
const stopped = await client.chat.completions.create({ ...asked, stop: [" "] });
promise("a stop text ends it", stopped.choices[0].finish_reason === "stop" && !stopped.choices[0].message.content.includes(" "), stopped);

const tools = [{ type: "function", function: weather }];
const question = { model, messages: user("What is the weather in Oslo?"), tools, max_tokens: 200, temperature: 0 };
for (const tool_choice of ["required", { type: "function", function: { name: "get_weather" } }]) {
  const called = await client.chat.completions.create({ ...question, tool_choice });
  promise("a tool is called, well formed", called.choices[0].message.tool_calls.every((one) => soundWeather(one.function.arguments)) &&
    called.choices[0].message.tool_calls.length > 0, called);
}
const helper = client.chat.completions.stream({ ...question, tool_choice: "required", parallel_tool_calls: false });
const final = await helper.finalChatCompletion();
promise("calls are streamed", soundWeather(final.choices[0].message.tool_calls[0].function.arguments), final);
const call = final.choices[0].message.tool_calls[0];
const told = await client.chat.completions.create({
  model, tools, max_tokens: 40,
  messages: [...question.messages, final.choices[0].message, { role: "tool", tool_call_id: call.id, content: "21 degrees" }],
});
promise("what a tool gave is read", told.choices[0].message.content || told.choices[0].message.tool_calls, told);
const runner = client.chat.completions.runTools({
  ...question, tool_choice: "auto",
  tools: [{ type: "function", function: { ...weather, parse: JSON.parse, function: async () => "21 degrees" } }],
});
promise("the SDK's tool runner comes to its end", typeof (await runner.finalChatCompletion()).id === "string");

const schema = {
  type: "object", properties: { name: { type: "string" }, population: { type: "integer" } },
  required: ["name", "population"], additionalProperties: false,
};
const made = await client.chat.completions.create({
  ...asked, max_tokens: 100, messages: user("Tell me about the city of Oslo as JSON."),
  response_format: { type: "json_schema", json_schema: { name: "city", schema, strict: true } },
});
const city = JSON.parse(made.choices[0].message.content);
promise("json_schema gives what the schema accepts", typeof city.name === "string" && Number.isInteger(city.population), made);
const object = await client.chat.completions.create({ ...asked, max_tokens: 100, response_format: { type: "json_object" } });
promise("json_object gives an object", typeof JSON.parse(object.choices[0].message.content) === "object", object);

const text = await client.completions.create({ model, prompt: ["The sky is", "The sea is"], max_tokens: 6, temperature: 0, logprobs: 1 });
promise("texts are gone on with", text.choices.length === 2 && text.choices.every((one) => one.logprobs.tokens.join("") === one.text), text);
const pieces = await gather(await client.completions.create({ model, prompt: "The sky is", max_tokens: 6, temperature: 0, stream: true }));
promise("also as a stream", pieces.map((one) => one.choices[0].text).join("") === text.choices[0].text, pieces);

const vectors = await client.embeddings.create({ model: embeddings, input: ["Water boils.", "The vote."] }); // asks for base64
const floats = await client.embeddings.create({ model: embeddings, input: ["Water boils."], encoding_format: "float" });
promise("texts have vectors", vectors.data.length === 2 && floats.data[0].embedding.length === vectors.data[0].embedding.length &&
  floats.data[0].embedding.every((x, i) => Math.abs(x - vectors.data[0].embedding[i]) < 1e-6), vectors.data[0].embedding.length);

const reply = { model, input: "Say hello.", max_output_tokens: 16, temperature: 0 };
const response = await client.responses.create(reply);
promise("a response has its text", response.output_text.length > 0 && response.usage.output_tokens <= 16, response);
const events = await gather(await client.responses.create({ ...reply, stream: true }));
promise("its events say the same", events.filter((one) => one.type === "response.output_text.delta").map((one) => one.delta).join("") ===
  response.output_text && ["response.completed", "response.incomplete"].includes(events.at(-1).type), events.map((one) => one.type));
const flat = await client.responses.create({
  model, input: user("What is the weather in Oslo?"), temperature: 0, tools: [{ type: "function", ...weather, strict: true }],
  tool_choice: "required", parallel_tool_calls: false,
});
promise("a response calls a tool", flat.output[0].type === "function_call" && soundWeather(flat.output[0].arguments), flat);

promise("a model that is none is not found", await refused(404, "model", () => client.chat.completions.create({ ...asked, model: "dancing" })));
promise("a wrong temperature is refused by its name", await refused(400, "temperature", () => client.chat.completions.create({ ...asked, temperature: 9 })));
const aborted = new AbortController();
const going = await client.chat.completions.create({ ...asked, max_tokens: 2000, stream: true }, { signal: aborted.signal });
for await (const one of going) { aborted.abort(); break; }
const before = Date.now();
await client.chat.completions.create({ ...asked, max_tokens: 1 });
promise("who hangs up is not written for", Date.now() - before < 10000);

console.log(`1..${tests}\n# ${tests - failed} of ${tests} kept`);
process.exit(failed ? 1 : 0);
