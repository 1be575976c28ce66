// Trying an operation out: a form made from its parameters, and what came back.

import { el } from "./dom.js";
import { exampleOf, resolve } from "./docs-schema.js";

const MOST_SHOWN = 200_000; // characters of an answer
const HEADERS = ["content-type", "etag", "location", "retry-after", "idempotent-replayed", "x-request-id"];

function control(document_, schema, properties) {
  const found = resolve(document_, schema?.anyOf?.find((each) => each.type !== "null") ?? schema ?? {});
  if (found.enum) {
    return el("select", properties, el("option", { value: "" }, "—"), ...found.enum.map((each) => el("option", {}, `${each}`)));
  }
  const numeric = found.type === "integer" || found.type === "number";
  return el("input", {
    ...properties,
    autocomplete: "off",
    spellcheck: false,
    inputMode: numeric ? "decimal" : "text",
    placeholder: schema?.default === undefined || schema.default === null ? "" : `${schema.default}`,
  });
}

function labelled(id, name, note, input) {
  return el(
    "div",
    { className: "field" },
    el("label", { for: id }, name, note ? el("span", { className: "soft" }, ` ${note}`) : null),
    input,
  );
}

/** What the form holds, as the arguments of `fetch`. */
function requestOf(operation, inputs, body, token) {
  let path = operation.path;
  const query = new URLSearchParams();
  const headers = new Headers();
  for (const { parameter, input } of inputs) {
    const value = input.value;
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value === "") continue;
    else if (parameter.in === "query") query.append(parameter.name, value);
    else if (parameter.in === "header") headers.set(parameter.name, value);
  }
  if (token && operation.security) headers.set("Authorization", `Bearer ${token}`);
  const sent = body?.();
  if (typeof sent === "string") headers.set("Content-Type", "application/json");
  const url = path.slice(1) + (query.size ? `?${query}` : "");
  return { url, options: { method: operation.method.toUpperCase(), headers, body: sent, cache: "no-store" } };
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curlOf({ url, options }) {
  const lines = [`curl -X ${options.method} ${quoted(new URL(url, document.baseURI).href)}`];
  for (const [name, value] of options.headers) {
    lines.push(name === "authorization" ? `-H "Authorization: Bearer $TOKEN"` : `-H ${quoted(`${name}: ${value}`)}`);
  }
  if (typeof options.body === "string") lines.push(`-d ${quoted(options.body)}`);
  else if (options.body) for (const [name, value] of options.body) lines.push(`-F ${quoted(`${name}=@${value.name ?? value}`)}`);
  return lines.join(" \\\n  ");
}

function bodyControl(document_, operation, id) {
  if (!operation.requestBody) return {};
  const [[type, media]] = Object.entries(operation.requestBody.content);
  if (type.endsWith("json")) {
    const example = exampleOf(document_, media);
    const text = example === undefined ? "{}" : JSON.stringify(example, null, 2);
    const area = el("textarea", { id, value: text, rows: Math.min(18, text.split("\n").length + 1), spellcheck: false });
    return { view: labelled(id, "Body", type, area), read: () => area.value };
  }
  const properties = Object.entries(resolve(document_, media.schema ?? {}).properties ?? {});
  const inputs = properties.map(([name, schema], index) => {
    const binary = schema.format === "binary" || schema.contentMediaType !== undefined;
    return { name, input: el("input", { id: `${id}-${index}`, type: binary ? "file" : "text" }) };
  });
  const read = () => {
    const form = new FormData();
    for (const { name, input } of inputs) {
      const value = input.type === "file" ? input.files[0] : input.value;
      if (value) form.append(name, value);
    }
    return form;
  };
  return { view: el("div", { className: "stack" }, ...inputs.map(({ name, input }) => labelled(input.id, name, type, input))), read };
}

function shown(type, text) {
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function show(answer, began, result) {
  const type = answer.headers.get("content-type") ?? "";
  const tone = answer.ok ? "good" : answer.status < 500 ? "warn" : "bad";
  const ms = Math.round(performance.now() - began);
  const body = el("pre", { tabIndex: 0, role: "group", "aria-label": "Body of the answer" });
  const headers = HEADERS.filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
  result.replaceChildren(
    el(
      "p",
      { className: "head", role: "status" },
      el("span", { className: "status", dataset: { tone } }, `${answer.status}`),
      el("span", {}, `${answer.statusText} in ${ms} ms`),
    ),
    el("pre", { className: "headers", tabIndex: 0, role: "group", "aria-label": "Headers of the answer" }, headers.join("\n")),
  );
  if (!answer.body || answer.status === 204) return;
  result.append(body);
  if (!/json|text|xml/.test(type)) {
    body.textContent = `${(await answer.blob()).size} bytes of ${type}`;
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let piece = await reader.read(); !piece.done && text.length < MOST_SHOWN; piece = await reader.read()) {
    text += piece.value;
    body.textContent = text; // an event stream is shown as it comes
  }
  await reader.cancel();
  body.textContent = shown(type, text);
}

/** The form that sends one operation. token: returns the bearer token, or "". */
export function tryForm(document_, operation, parameters, token) {
  const id = `try-${operation.operationId}`;
  const inputs = parameters.map((parameter, index) => ({
    parameter,
    input: control(document_, parameter.schema, { id: `${id}-${index}`, required: Boolean(parameter.required) }),
  }));
  const body = bodyControl(document_, operation, `${id}-body`);
  const send = el("button", { className: "primary", type: "submit" }, "Send");
  const stop = el("button", { type: "button", hidden: true }, "Stop");
  const result = el("div", { className: "result stack" });
  const curl = el("pre", { tabIndex: 0, role: "group", "aria-label": "The same request with curl" });
  const asCurl = el("details", { className: "shape", hidden: true }, el("summary", {}, "curl"), curl);
  let sending;
  stop.addEventListener("click", () => sending?.abort());
  const form = el(
    "form",
    { className: "try stack", "aria-label": `Try ${operation.method.toUpperCase()} ${operation.path}` },
    el("h4", {}, "Try it"),
    ...inputs.map(({ parameter, input }) => labelled(input.id, parameter.name, parameter.required ? "required" : parameter.in, input)),
    body.view ?? null,
    el("p", { className: "row" }, send, stop),
    asCurl,
    result,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    sending = new AbortController();
    send.disabled = true;
    stop.hidden = false;
    const request = requestOf(operation, inputs, body.read, token());
    curl.textContent = curlOf(request);
    asCurl.hidden = false;
    result.replaceChildren(el("p", { role: "status", className: "soft" }, "Sending …"));
    try {
      const began = performance.now();
      await show(await fetch(request.url, { ...request.options, signal: sending.signal }), began, result);
    } catch (error) {
      const words = error.name === "AbortError" ? "Stopped." : `No answer: ${error.message}`;
      result.append(el("p", { className: "notice", role: "status", dataset: { tone: "warn" } }, words));
    } finally {
      send.disabled = false;
      stop.hidden = true;
    }
  });
  return form;
}
