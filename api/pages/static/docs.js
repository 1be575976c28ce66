// The API's documentation, drawn from its OpenAPI document.

import { $, el } from "./dom.js";
import { prose, resolve, schemaView, typeOf } from "./docs-schema.js";
import { tryForm } from "./docs-try.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

function operationsOf(document_) {
  return Object.entries(document_.paths).flatMap(([path, entry]) =>
    METHODS.filter((method) => entry[method]).map((method) => ({ path, method, ...entry[method] })),
  );
}

function byTag(document_) {
  const groups = new Map((document_.tags ?? []).map((tag) => [tag.name, { ...tag, operations: [] }]));
  for (const operation of operationsOf(document_)) {
    const name = operation.tags?.[0] ?? "others";
    if (!groups.has(name)) groups.set(name, { name, description: "", operations: [] });
    groups.get(name).operations.push(operation);
  }
  return [...groups.values()].filter((group) => group.operations.length);
}

const anchor = (operation) => `op-${operation.operationId}`;
const badge = (method) => el("span", { className: "method", dataset: { method } }, method.toUpperCase());

function pathView(path) {
  const pieces = path.split(/(\{[^}]+\})/).filter(Boolean);
  return el("code", { className: "path" }, ...pieces.map((piece) => (piece[0] === "{" ? el("var", {}, piece) : piece)));
}

function parametersView(document_, parameters) {
  const rows = parameters.map((parameter) =>
    el(
      "li",
      {},
      el(
        "p",
        { className: "head" },
        el("code", {}, parameter.name),
        el("span", { className: "type" }, typeOf(document_, parameter.schema)),
        el("span", { className: "soft small" }, `in ${parameter.in}`),
        parameter.required ? el("span", { className: "must" }, "required") : null,
      ),
      parameter.description ? el("div", { className: "prose small" }, ...prose(parameter.description)) : null,
    ),
  );
  return el("ul", { className: "fields" }, ...rows);
}

function answersView(document_, responses) {
  const rows = Object.entries(responses).map(([status, response]) => {
    const content = Object.entries(response.content ?? {});
    const tone = status < "300" ? "good" : status < "500" ? "warn" : "bad";
    const schema = content[0]?.[1].schema;
    const fields = schema && resolve(document_, schema);
    const shows = fields && (fields.properties || fields.items || fields.anyOf);
    return el(
      "li",
      {},
      el(
        "p",
        { className: "head" },
        el("span", { className: "status", dataset: { tone } }, status),
        el("span", {}, response.description),
      ),
      shows
        ? el(
            "details",
            { className: "shape" },
            el("summary", {}, `${typeOf(document_, schema)} `, el("span", { className: "soft" }, content[0][0])),
            schemaView(document_, schema),
          )
        : content.length
          ? el("p", { className: "soft small" }, content.map(([type]) => type).join(", "))
          : null,
    );
  });
  return el("ul", { className: "fields" }, ...rows);
}

function bodyView(document_, body) {
  const [[type, media]] = Object.entries(body.content);
  return [
    el("h4", {}, "Body ", el("span", { className: "soft small" }, type)),
    el(
      "details",
      { className: "shape", open: true },
      el("summary", {}, typeOf(document_, media.schema)),
      schemaView(document_, media.schema),
    ),
  ];
}

function fill(document_, operation, target) {
  const parameters = (operation.parameters ?? []).map((parameter) => resolve(document_, parameter));
  target.append(
    ...(operation.description ? [el("div", { className: "prose" }, ...prose(operation.description))] : []),
    ...(parameters.length ? [el("h4", {}, "Parameters"), parametersView(document_, parameters)] : []),
    ...(operation.requestBody ? bodyView(document_, operation.requestBody) : []),
    el("h4", {}, "Answers"),
    answersView(document_, operation.responses),
    tryForm(document_, operation, parameters, () => $("token").value.trim()),
  );
}

function operationView(document_, operation) {
  const inside = el("div", { className: "inside stack" });
  const details = el(
    "details",
    { className: "operation", id: anchor(operation) },
    el(
      "summary",
      {},
      badge(operation.method),
      pathView(operation.path),
      el("span", { className: "what" }, operation.summary ?? ""),
    ),
    inside,
  );
  details.addEventListener("toggle", () => {
    if (details.open && !inside.childNodes.length) fill(document_, operation, inside);
  });
  return details;
}

function groupView(document_, group) {
  const id = `tag-${group.name}`;
  return el(
    "section",
    { className: "group", "aria-labelledby": id, dataset: { tag: group.name } },
    el("h2", { id }, group.name),
    group.description ? el("p", { className: "soft" }, group.description) : null,
    ...group.operations.map((operation) => operationView(document_, operation)),
  );
}

function indexView(groups) {
  return groups.map((group) =>
    el(
      "section",
      { dataset: { tag: group.name } },
      el("h2", {}, group.name),
      el(
        "ul",
        {},
        ...group.operations.map((operation) =>
          el(
            "li",
            { dataset: { words: `${operation.method} ${operation.path} ${operation.summary}`.toLowerCase() } },
            el("a", { href: `#${anchor(operation)}` }, badge(operation.method), el("span", {}, operation.summary)),
          ),
        ),
      ),
    ),
  );
}

function filter() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const item of $("index").querySelectorAll("li")) {
    const fits = words.every((word) => item.dataset.words.includes(word));
    const id = item.querySelector("a").getAttribute("href").slice(1);
    item.hidden = $(id).hidden = !fits;
    found += fits;
  }
  for (const section of document.querySelectorAll("[data-tag]")) {
    section.hidden = ![...section.querySelectorAll("li[data-words], details.operation")].some((each) => !each.hidden);
  }
  $("found").textContent = words.length ? `${found} operations found` : "";
}

function goTo(hash) {
  const target = $(decodeURIComponent(hash.slice(1)));
  if (!target?.matches("details.operation")) return;
  target.open = true;
  target.scrollIntoView({ block: "start" });
  target.querySelector("summary").focus({ preventScroll: true });
}

async function begin() {
  const answer = await fetch("v1/openapi.json");
  if (!answer.ok) throw new Error(`v1/openapi.json answered ${answer.status}`);
  const document_ = await answer.json();
  const groups = byTag(document_);
  $("title").replaceChildren(document_.info.title, el("small", {}, ` ${document_.info.version}`));
  $("about").replaceChildren(...prose(document_.info.description ?? ""));
  $("index").replaceChildren(...indexView(groups));
  $("operations").replaceChildren(...groups.map((group) => groupView(document_, group)));
  $("filter").addEventListener("input", filter);
  addEventListener("hashchange", () => goTo(location.hash));
  goTo(location.hash);
}

begin().catch((error) => {
  $("operations").replaceChildren(
    el("div", { className: "notice", dataset: { tone: "bad" }, role: "alert" }, `The API can't be shown: ${error.message}`),
  );
});
