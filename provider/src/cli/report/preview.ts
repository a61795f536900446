/** Reads what `pulumi preview --json` prints: one document, or one event per line. */
import { parseUrn } from "../../lifecycle/urn.js";
import type { Properties } from "../../lifecycle/values.js";

export interface Preview {
  steps: Step[];
  /** Whether it is the preview of a refresh: its changes were made outside Pulumi. */
  refresh: boolean;
  errors: Diagnostic[];
  warnings: Diagnostic[];
  /** Why the preview failed, where no error of it says so. */
  incomplete?: string;
}

/** One step of the engine. A replacement is one or several. */
export interface Step {
  op: string;
  urn: string;
  old: ResourceState | undefined;
  new: ResourceState | undefined;
  /** Properties that force a replacement. */
  replaceReasons: string[];
  /** Properties that differ, as the provider says. */
  diffReasons: string[];
}

export interface ResourceState {
  custom: boolean;
  inputs: Properties;
  outputs: Properties;
  retainOnDelete: boolean;
}

export interface Diagnostic {
  urn?: string;
  message: string;
}

const NO_PREVIEW = "The input is not the output of `pulumi preview --json`.";

/** The preview in the output of a command. It is incomplete if the command failed before it printed one. */
export function parsePreview(text: string): Preview {
  const documents = documentsIn(text);
  const events = eventsIn(text);
  const [document] = documents;
  const isOne = documents.length + (events.length > 0 ? 1 : 0) === 1 && !startsAgain(events);
  if (isOne) return document === undefined ? fromEvents(events) : fromDigest(document);
  const incomplete =
    text.trim() === ""
      ? "The Pulumi CLI printed no preview."
      : documents.length > 0 || events.length > 0
        ? "The input has several previews. Report each one by itself."
        : /^\s*\{/m.test(text)
          ? "The output of the Pulumi CLI ends before the preview is complete."
          : NO_PREVIEW;
  return { steps: [], refresh: false, errors: [], warnings: [], incomplete };
}

/** The documents among other lines: the CLI indents them, so their first and last line are a brace. */
function documentsIn(text: string): Properties[] {
  const indented = text.match(/^\{\r?$[\s\S]*?^\}\r?$/gm) ?? [text];
  return indented
    .map(parseJson)
    .filter((document) => document !== undefined)
    .filter((document) => !isEvent(document));
}

function eventsIn(text: string): Properties[] {
  // The lines of a document are many, and none of them is an event.
  const lines = text.split("\n").filter((line) => /^\s*\{"/.test(line));
  return lines
    .map(parseJson)
    .filter((document) => document !== undefined)
    .filter(isEvent);
}

/** Whether the events are of several previews, each of which counts its events. */
function startsAgain(events: readonly Properties[]): boolean {
  return events.some(({ sequence }, index) => Number(sequence) <= Number(events[index - 1]?.sequence));
}

function isEvent(document: Properties): boolean {
  return "sequence" in document;
}

function fromDigest(digest: Properties): Preview {
  const diagnostics = list(digest.diagnostics);
  const steps = list(digest.steps).map(({ oldState, newState, ...step }) => stepOf(step, oldState, newState));
  return {
    steps,
    refresh: isRefresh(steps),
    errors: distinct(diagnostics.filter(isError).map(diagnosticOf)),
    warnings: distinct(diagnostics.filter(isWarning).map(diagnosticOf)),
    // The engine's summary, which comes last, sets the duration.
    ...(typeof digest.duration !== "number" && {
      incomplete: "config" in digest || "steps" in digest ? "The preview was interrupted." : NO_PREVIEW,
    }),
  };
}

function fromEvents(events: Properties[]): Preview {
  const all = (key: string) => events.flatMap((event) => (isRecord(event[key]) ? [event[key]] : []));
  const diagnostics = all("diagnosticEvent").filter(({ ephemeral }) => ephemeral !== true);
  const policies = (isMandatory: boolean) =>
    all("policyEvent")
      .filter(({ enforcementLevel }) => (enforcementLevel === "mandatory") === isMandatory)
      .map(({ resourceUrn, message }) => diagnosticOf({ urn: resourceUrn, message }));
  const stepsIn = (key: string) =>
    all(key).flatMap(({ metadata }) =>
      isRecord(metadata) ? [stepOf({ ...metadata, ...reasonsOf(metadata) }, metadata.old, metadata.new)] : [],
    );
  const started = stepsIn("resourcePreEvent");
  // What a refresh has found is known at the end of its step, as an update or a deletion.
  const refreshed = new Set(started.filter(({ op }) => op === "refresh").map(({ urn }) => urn));
  const found = stepsIn("resOutputsEvent").filter(({ op, urn }) => op !== "same" && refreshed.has(urn));
  const steps = [...started, ...found];
  const summary = all("summaryEvent").at(-1);
  const incomplete =
    summary === undefined
      ? "The preview was interrupted."
      : summary.result === "failed"
        ? "The preview failed."
        : undefined;
  return {
    steps,
    refresh: isRefresh(steps),
    errors: distinct([...diagnostics.filter(isError).map(diagnosticOf), ...policies(true)]),
    warnings: distinct([...diagnostics.filter(isWarning).map(diagnosticOf), ...policies(false)]),
    ...(incomplete !== undefined && { incomplete }),
  };
}

/** An event has other names than the document for the same lists. */
function reasonsOf({ keys, diffs }: Properties): Properties {
  return { replaceReasons: keys, diffReasons: diffs };
}

function stepOf(step: Properties, old: unknown, new_: unknown): Step {
  const detailed = isRecord(step.detailedDiff) ? Object.keys(step.detailedDiff) : [];
  return {
    op: String(step.op),
    urn: String(step.urn),
    old: stateOf(old),
    new: stateOf(new_),
    replaceReasons: strings(step.replaceReasons),
    diffReasons: [...new Set([...strings(step.diffReasons), ...detailed])],
  };
}

function stateOf(state: unknown): ResourceState | undefined {
  if (!isRecord(state)) return undefined;
  return {
    custom: state.custom === true,
    inputs: isRecord(state.inputs) ? state.inputs : {},
    outputs: isRecord(state.outputs) ? state.outputs : {},
    retainOnDelete: state.retainOnDelete === true,
  };
}

/** With `--refresh` before another operation, the stack is refreshed and then something else. */
function isRefresh(steps: readonly Step[]): boolean {
  const stack = steps.filter(({ urn }) => parseUrn(urn).type === "pulumi:pulumi:Stack");
  return stack.length > 0 && stack.every(({ op }) => op === "refresh");
}

function isError({ severity }: Properties): boolean {
  return severity === "error";
}

/** The engine does not know what the process of a dynamic provider prints. */
function isWarning({ severity, message }: Properties): boolean {
  return severity === "warning" || (severity === "info#err" && /^warning: /.test(String(message)));
}

/** Colors of the terminal, and the marks from which the CLI makes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a color starts with one
const COLORS = /\u001b\[[\d;]*m|<\{%[^%]*%\}>/g;

function diagnosticOf({ urn, prefix, message }: Properties): Diagnostic {
  const text = `${typeof prefix === "string" ? prefix : ""}${String(message)}`.replace(COLORS, "");
  return {
    ...(typeof urn === "string" && urn !== "" && { urn }),
    message: text.replace(/^(error|warning): /, "").trimEnd(),
  };
}

/** Each one once, by URN. The SDK reports an error of the program several times, also as part of another. */
function distinct(diagnostics: Diagnostic[]): Diagnostic[] {
  const byText = new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]));
  const all = [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, diagnostic]) => diagnostic);
  const isPart = (one: Diagnostic) =>
    all.some((other) => other !== one && other.urn === one.urn && other.message.includes(one.message));
  return all.filter((one) => one.urn !== undefined || !isPart(one));
}

function parseJson(text: string): Properties | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): Properties[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
