// JSON Schema (2020-12, as OpenAPI 3.1 has it) in words.

import { el } from "./dom.js";

/** Follow a $ref inside the document. */
export function resolve(document_, thing) {
  let found = thing;
  while (found?.$ref) {
    found = found.$ref
      .slice(2)
      .split("/")
      .reduce((place, step) => place?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], document_);
  }
  return found ?? {};
}

const nameOf = (schema) => schema.$ref?.split("/").pop();
const choicesOf = (schema) => schema.anyOf ?? schema.oneOf ?? (schema.allOf?.length === 1 ? schema.allOf : undefined);

/** A schema's type in a few words: "string", "array of Skill", "Plan or null". */
export function typeOf(document_, schema = {}) {
  if (schema.$ref) {
    const found = resolve(document_, schema);
    return found.enum ? found.type ?? "one of" : nameOf(schema);
  }
  const choices = choicesOf(schema);
  if (choices) return [...new Set(choices.map((each) => typeOf(document_, each)))].join(" or ");
  if (schema.type === "array") {
    return schema.items ? `array of ${typeOf(document_, schema.items)}` : "array";
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type ?? "any";
  return schema.format ? `${type} (${schema.format})` : type;
}

const LIMITS = {
  minimum: "at least",
  maximum: "at most",
  exclusiveMinimum: "more than",
  exclusiveMaximum: "less than",
  minLength: "characters at least",
  maxLength: "characters at most",
  minItems: "entries at least",
  maxItems: "entries at most",
  pattern: "matches",
};

function limitsOf(document_, schema) {
  const flat = choicesOf(schema)?.find((each) => each.type !== "null") ?? schema;
  const found = { ...resolve(document_, flat), ...flat };
  const said = [];
  if (found.enum) said.push(`one of ${found.enum.map((each) => JSON.stringify(each)).join(", ")}`);
  for (const [name, words] of Object.entries(LIMITS)) {
    if (found[name] !== undefined) said.push(`${words} ${found[name]}`);
  }
  const fallback = schema.default;
  if (fallback !== undefined && fallback !== null) said.push(`default ${JSON.stringify(fallback)}`);
  return said;
}

/** The object schema that lies within: behind a reference, an array or "or null". */
function objectWithin(document_, schema) {
  const choices = choicesOf(schema);
  if (choices) return choices.map((each) => objectWithin(document_, each)).find(Boolean);
  const found = resolve(document_, schema);
  if (found.properties) return found;
  if (found.items) return objectWithin(document_, found.items);
  return schema.$ref && choicesOf(found) ? objectWithin(document_, found) : undefined;
}

/** A schema's fields as a list; nested objects open on demand. */
export function schemaView(document_, schema) {
  const object = objectWithin(document_, schema);
  if (!object) {
    const words = [typeOf(document_, schema), ...limitsOf(document_, schema)];
    return el("p", { className: "small soft" }, words.join(" · "));
  }
  const rows = Object.entries(object.properties).map(([name, property]) => {
    const limits = limitsOf(document_, property);
    const description = property.description ?? (property.$ref ? resolve(document_, property).description : undefined);
    const row = el(
      "li",
      {},
      el(
        "p",
        { className: "head" },
        el("code", {}, name),
        el("span", { className: "type" }, typeOf(document_, property)),
        object.required?.includes(name) ? el("span", { className: "must" }, "required") : null,
      ),
      description ? el("div", { className: "prose small" }, ...prose(description)) : null,
      limits.length ? el("p", { className: "soft small limits" }, limits.join(" · ")) : null,
    );
    if (objectWithin(document_, property)) row.append(nested(document_, property));
    return row;
  });
  return el(
    "div",
    {},
    object.description ? el("div", { className: "prose small soft" }, ...prose(object.description)) : null,
    el("ul", { className: "fields" }, ...rows),
  );
}

function nested(document_, schema) {
  const details = el("details", { className: "shape" }, el("summary", {}, "fields"));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(schemaView(document_, schema));
  });
  return details;
}

/** The example of a media type, or of its schema; undefined when nobody gave one. */
export function exampleOf(document_, media) {
  if (media.example !== undefined) return media.example;
  const named = Object.values(media.examples ?? {})[0];
  if (named) return named.value;
  const schema = resolve(document_, media.schema ?? {});
  return schema.examples?.[0] ?? schema.example;
}

/** The little Markdown that descriptions use: paragraphs and `code`. Text is always text. */
export function prose(text) {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) =>
      el("p", {}, ...paragraph.split(/(`[^`]+`)/).map((piece) => (piece[0] === "`" ? el("code", {}, piece.slice(1, -1)) : piece))),
    );
}
