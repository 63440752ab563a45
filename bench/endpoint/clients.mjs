// Libraries for JavaScript that are built on OpenAI's API against an endpoint, unchanged but for the address.
//
//     npm install ai @ai-sdk/openai @ai-sdk/openai-compatible @openai/agents @langchain/openai @langchain/core @langchain/langgraph zod
//     node clients.mjs http://127.0.0.1:8080/v1 [MODEL] [EMBEDDINGS] [KEY]
//
// Prints a line for each promise (TAP); exits with 1 when one is not kept.
import { readFileSync } from "node:fs";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTracingDisabled, tool as agentTool } from "@openai/agents";
import { tool as chainTool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embed, embedMany, generateText, Output, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";

const [address, model = "lyceum", embeddings = "all-MiniLM-L6-v2", key = "none"] = process.argv.slice(2);
let tests = 0, failed = 0;

async function tried(what, call, wanted = Boolean) {
  let kept = false, shown;
  try {
    shown = await call();
    kept = !!(await wanted(shown));
  } catch (error) {
    shown = `${error.name}: ${error.message} ${JSON.stringify(error.cause ?? error.responseBody ?? "")} ${error.stack}`;
  }
  tests++;
  if (!kept) failed++;
  console.log(`${kept ? "ok" : "not ok"} ${tests} - ${what}`);
  if (!kept) console.log("# " + String(JSON.stringify(shown)).slice(0, 1500));
}
async function gather(stream) {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
}
const City = z.object({ name: z.string(), population: z.number().int() });
const isCity = (made) => City.safeParse(made).success;
const question = "What is the weather in Oslo?";
const common = { temperature: 0, maxOutputTokens: 200, maxRetries: 0 };

// ------------------------------------------------------------------------------------- ai
const compatible = createOpenAICompatible({ name: "here", baseURL: address, apiKey: key, includeUsage: true, supportsStructuredOutputs: true });
const official = createOpenAI({ baseURL: address, apiKey: key });
for (const [kind, speaker] of [["openai-compatible", compatible(model)], ["openai, responses", official(model)], ["openai, chat", official.chat(model)]]) {
  const asked = { ...common, model: speaker };
  await tried(`ai, ${kind}: words`, () => generateText({ ...asked, system: "You are brief.", prompt: "Say hello." }),
    (made) => made.text && made.usage.outputTokens > 0);
  await tried(`ai, ${kind}: a stream`, async () => {
    const made = streamText({ ...asked, prompt: "Tell me about the sea." });
    return { text: (await gather(made.textStream)).join(""), usage: await made.usage, end: await made.finishReason };
  }, (made) => made.text && made.usage.outputTokens > 0 && ["stop", "length"].includes(made.end));
  await tried(`ai, ${kind}: an object`, () => generateText({ ...asked, output: Output.object({ schema: City }), prompt: "Tell me about Oslo." }),
    (made) => isCity(made.output));
  await tried(`ai, ${kind}: an object as a stream`, async () => {
    const made = streamText({ ...asked, output: Output.object({ schema: City }), prompt: "Tell me about Oslo." });
    return (await gather(made.partialOutputStream)).at(-1);
  }, isCity);
  let called = 0;
  const tools = { get_weather: tool({ description: "The weather of a city, now.", inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => { called++; return `21 degrees in ${city}`; } }) };
  await tried(`ai, ${kind}: a tool is called`, () => generateText({ ...asked, tools, toolChoice: "required", prompt: question }),
    (made) => called > 0 && made.toolCalls[0].toolName === "get_weather" && made.finishReason === "tool-calls");
  await tried(`ai, ${kind}: the one that is named`, () => generateText({ ...asked, tools, toolChoice: { type: "tool", toolName: "get_weather" }, prompt: question }),
    (made) => made.toolCalls[0].toolName === "get_weather");
  called = 0;
  await tried(`ai, ${kind}: its result is read`, () => generateText({ ...asked, tools, stopWhen: stepCountIs(3), prompt: question,
    prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? "required" : "none" }) }), (made) => called > 0 && made.text && made.steps.length === 2);
  called = 0;
  await tried(`ai, ${kind}: a call is streamed`, async () => gather(streamText({ ...asked, tools, toolChoice: "required", prompt: question }).fullStream),
    (made) => called > 0 && made.some((one) => one.type === "tool-result") && !made.some((one) => one.type === "error"));
  await tried(`ai, ${kind}: a conversation`, () => generateText({ ...asked, messages: [{ role: "user", content: [{ type: "text", text: "My name is Ada." }] },
    { role: "assistant", content: "Hello Ada." }, { role: "user", content: "What is my name?" }] }), (made) => made.text);
  await tried(`ai, ${kind}: a picture is refused`, () => generateText({ ...asked, messages: [{ role: "user", content: [
    { type: "image", image: new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]), mediaType: "image/png" }] }] }).then(() => false, (error) => error), (error) =>
    error && error.statusCode === 400 && /text/.test(error.message));
}
for (const [kind, one] of [["openai-compatible", compatible.textEmbeddingModel?.(embeddings) ?? compatible.embeddingModel(embeddings)], ["openai", official.embedding(embeddings)]]) {
  await tried(`ai, ${kind}: a text's vector`, () => embed({ model: one, value: "Water boils." }), (made) => made.embedding.length > 100);
  await tried(`ai, ${kind}: several`, () => embedMany({ model: one, values: ["Water boils.", "The vote."] }), (made) => made.embeddings.length === 2);
}
await tried("ai, openai-compatible: a text is gone on with", () => generateText({ ...common, model: compatible.completionModel(model), prompt: "The sky is" }), (made) => made.text);
await tried("ai, openai: a text is gone on with", () => generateText({ ...common, model: official.completion(model), prompt: "The sky is" }), (made) => made.text);

// --------------------------------------------------------------------------------- agents
setTracingDisabled(true);
const client = new OpenAI({ baseURL: address, apiKey: key, maxRetries: 0 });
for (const [kind, speaker] of [["responses", new OpenAIResponsesModel(client, model)], ["chat", new OpenAIChatCompletionsModel(client, model)]]) {
  let called = 0;
  const weather = agentTool({ name: "get_weather", description: "The weather of a city, now.", parameters: z.object({ city: z.string() }),
    execute: async ({ city }) => { called++; return `21 degrees in ${city}`; } });
  const agent = (more = {}) => new Agent({ name: "Tutor", instructions: "You are brief.", model: speaker, ...more,
    modelSettings: { temperature: 0, maxTokens: 300, ...more.modelSettings } });
  await tried(`agents, ${kind}: words`, () => run(agent(), "Say hello."), (made) => made.finalOutput);
  await tried(`agents, ${kind}: a tool is called, and its result read`, () => run(agent({ tools: [weather], modelSettings: { toolChoice: "required" } }), question),
    (made) => called > 0 && made.finalOutput);
  await tried(`agents, ${kind}: an object as output`, () => run(agent({ outputType: City }), "Tell me about Oslo."), (made) => isCity(made.finalOutput));
  await tried(`agents, ${kind}: a handoff`, () => run(agent({ handoffs: [agent({ name: "Other" })], modelSettings: { toolChoice: "required" } }), "Ask the other one."),
    (made) => made.lastAgent.name === "Other" && made.finalOutput);
  await tried(`agents, ${kind}: a stream`, async () => {
    const made = await run(agent(), "Say hello.", { stream: true });
    return { words: (await gather(made.toTextStream())).join(""), output: made.finalOutput };
  }, (made) => made.words && made.words === made.output);
}

// ------------------------------------------------------------------------------ langchain
const getWeather = chainTool(async ({ city }) => `21 degrees in ${city}`, { name: "get_weather", description: "The weather of a city.", schema: z.object({ city: z.string() }) });
for (const [kind, more] of [["chat", {}], ["responses", { useResponsesApi: true }]]) {
  const speaker = new ChatOpenAI({ model, apiKey: key, configuration: { baseURL: address }, maxTokens: 150, temperature: 0, maxRetries: 0, ...more });
  await tried(`langchain, ${kind}: words`, () => speaker.invoke("Say hello."), (made) => made.text && made.usage_metadata.output_tokens > 0);
  await tried(`langchain, ${kind}: a stream`, async () => gather(await speaker.stream("Say hello.")), (made) => made.map((one) => one.text).join(""));
  for (const method of ["jsonSchema", "functionCalling"])
    await tried(`langchain, ${kind}: ${method}`, () => speaker.withStructuredOutput(City, { method }).invoke("Tell me about Oslo."), isCity);
  await tried(`langchain, ${kind}: a tool is called`, () => speaker.bindTools([getWeather], { tool_choice: "get_weather" }).invoke(question),
    (made) => made.tool_calls[0].name === "get_weather");
  await tried(`langgraph, ${kind}: its agent with tools`, () => createReactAgent({ llm: speaker, tools: [getWeather] }).invoke(
    { messages: [{ role: "user", content: question }] }, { recursionLimit: 9 }), (made) => made.messages.length >= 2);
}
await tried("langchain: embeddings", () => new OpenAIEmbeddings({ model: embeddings, apiKey: key, configuration: { baseURL: address } }).embedDocuments(["Water boils.", "The vote."]),
  (made) => made.length === 2 && made[0].length > 100);

const version = (name) => { try { return `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}`; } catch { return name; } };
console.log(`1..${tests}`);
console.log(`# ${tests - failed} of ${tests} kept: ${["ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@openai/agents", "@langchain/openai", "@langchain/langgraph"].map(version).join(", ")}`);
process.exit(failed ? 1 : 0);
