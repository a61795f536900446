// Shows state and requests of the emulator, and asks for them again every second. Names come from strangers:
// everything is written with textContent.

const POLL = 1_000;
/** How many requests are shown, the newest first. */
const SHOWN = 200;
/** Keys whose values are secrets, which are not shown. */
const SECRETS = ["jwt", "token"];
/** Keys that are the least interesting: shown last. */
const LAST = ["hostname", "version", "uuid", "id"];

const byId = (id) => document.getElementById(id);
const filter = byId("filter");
/** Path → the last response, so that what has not changed is not drawn again. */
const last = new Map();

function element(tag, properties = {}, ...children) {
  const result = Object.assign(document.createElement(tag), properties);
  result.append(...children);
  return result;
}

/** `groupTokens` → `Group tokens` */
function title(key) {
  const words = key.replace(/([A-Z])/g, " $1").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function textOf(key, value) {
  if (value === undefined || value === null) return "";
  if (key === "expiresAt") return new Date(value * 1_000).toLocaleString();
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((item) => textOf("", item)).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether a row has the text that is typed into the filter. */
function isWanted(cells) {
  const wanted = filter.value.trim().toLowerCase();
  return wanted === "" || cells.some((cell) => cell.toLowerCase().includes(wanted));
}

/** A table that scrolls by itself, so that a long value does not widen the page. */
function table(titles, rows) {
  const head = element("tr", {}, ...titles.map((text) => element("th", { scope: "col", textContent: text })));
  const body = rows.map((cells) => element("tr", {}, ...cells.map(cell)));
  const result = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { className: "scroll", tabIndex: 0 }, result);
}

function cell(content) {
  return content instanceof Node
    ? element("td", {}, content)
    : element("td", { textContent: content, title: content });
}

function empty(text) {
  return element("p", { className: "empty", textContent: text });
}

function list(key, items) {
  const keys = [...new Set(items.flatMap(Object.keys))]
    .filter((key) => !SECRETS.includes(key))
    .sort((a, b) => LAST.indexOf(a) - LAST.indexOf(b));
  const all = items.map((item) => keys.map((column) => textOf(column, item[column])));
  const rows = all.filter(isWanted);
  const count = rows.length === all.length ? all.length : `${rows.length} of ${all.length}`;
  const heading = element("h4", { textContent: title(key) }, " ", element("small", { textContent: count }));
  return element("div", {}, heading, rows.length > 0 ? table(keys.map(title), rows) : empty("No match."));
}

function organization([slug, { plan, ...lists }]) {
  const heading = element(
    "h3",
    { textContent: slug },
    " ",
    element("small", { textContent: `plan ${plan}` }),
  );
  const tables = Object.entries(lists).map(([key, items]) => list(key, items));
  return element("article", {}, heading, ...(tables.length > 0 ? tables : [empty("Nothing yet.")]));
}

function drawState({ organizations }) {
  const all = Object.entries(organizations).map(organization);
  byId("state").replaceChildren(...(all.length > 0 ? all : [empty("No organization was used yet.")]));
}

function request({ index, method, path, status, applied, body }) {
  const shown = status === 0 ? "none" : String(status);
  const kind = status === 0 || status >= 500 ? "bad" : status >= 400 ? "refused" : "good";
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return {
    cells: [String(index + 1), method, path, shown, text],
    row: [
      String(index + 1),
      method,
      element("span", { className: `status ${kind}`, textContent: shown }),
      path,
      applied ? "yes" : "no",
      text,
    ],
  };
}

function drawRequests({ total, requests }) {
  const all = requests.reverse().map(request);
  const rows = all.filter(({ cells }) => isWanted(cells)).map(({ row }) => row);
  byId("request-count").textContent = total > SHOWN ? `the last ${SHOWN} of ${total}` : String(total);
  byId("requests").replaceChildren(
    rows.length > 0
      ? table(["#", "Method", "Status", "Path", "Applied", "Body"], rows)
      : empty(total > 0 ? "No match." : "No request was received yet."),
  );
}

/** Draws a response if it has changed, or if it must be drawn again. */
async function update(path, draw, again) {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Error(`${path} returned ${response.status}`);
  const text = await response.text();
  if (text === last.get(path) && !again) return;
  last.set(path, text);
  draw(JSON.parse(text));
}

async function poll(again = false) {
  try {
    await update("/_emulator/state", drawState, again);
    await update(`/_emulator/requests?limit=${SHOWN}`, drawRequests, again);
    const { now, offset } = await (await fetch("/_emulator/clock", { cache: "no-store" })).json();
    const clock = offset === 0 ? "" : ` The clock is set to ${new Date(now).toLocaleString()}.`;
    setStatus(`Live.${clock}`, true);
  } catch {
    setStatus("Not connected. Retrying …", false);
  }
}

function setStatus(text, isLive) {
  const status = byId("status");
  if (status.textContent !== text) status.textContent = text;
  status.className = isLive ? "live" : "lost";
}

async function follow() {
  if (!document.hidden) await poll();
  setTimeout(follow, POLL);
}

filter.addEventListener("input", () => poll(true));
document.addEventListener("visibilitychange", () => poll());
follow();
