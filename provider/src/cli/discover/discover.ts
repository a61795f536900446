/** `pulumi-turso discover`: what an organization holds, as a program, an import file and a report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createClient, TursoApiError } from "../../api/index.js";
import { collectionsOf } from "../../lifecycle/collection.js";
import { asUserError, MissingTokenError, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { Ownership } from "../../lifecycle/ownership.js";
import { readSettings, type Settings } from "../../lifecycle/settings.js";
import { userAgent } from "../../version.js";
import { type Command, CommandError, EXIT } from "../command.js";
import { printable } from "../text.js";
import { type Inventory, takeInventory } from "./inventory.js";
import { KINDS } from "./kinds.js";
import { declaredIn, declaredInState, Known } from "./known.js";
import { isRefusal, type Lists, readLists } from "./lists.js";
import { nameFilter } from "./names.js";
import { type Options, parseOptions } from "./options.js";
import { type Folder, readFolder, writeFolder } from "./output.js";
import { markdownReport, type Section, sectionsOf, textReport } from "./report.js";
import { snapshotText } from "./snapshot.js";
import { fileProblem } from "./yaml.js";

export const discover: Command = {
  help: `Usage: pulumi-turso discover --organization SLUG [options]

Writes a program that declares what an organization holds, an import file that brings it under
management without a request, and a report of what cannot be declared. Changes nothing at Turso.
Run it again with the same options: it adds what is new, and changes nothing that you wrote.

Options:
  --organization SLUG   The organization. Default: TURSO_ORGANIZATION.
  --host HOST           dynamic (the npm package alone) or native (the plugin). Default: dynamic.
  --language LANGUAGE   typescript; yaml (with the native plugin); or organization: a file for the
                        component Organization. Default: typescript.
  --out FOLDER          Where to write. Default: a folder with the organization's name; nowhere
                        with --check or --snapshot.
  --include PATTERN     Only what has such a name. * is any text, ? is any character. Repeatable.
  --exclude PATTERN     Not what has such a name. Repeatable.
  --state FILE          What a stack has declared already, as \`pulumi stack export --file FILE\`
                        writes it. Repeatable.
  --check               Exit with code 7 if the organization holds what no --state declares.
  --snapshot FILE       Write the organization as the emulator loads it (YAML, or JSON for .json).
  --anonymize           Replace the names in the snapshot that no preview needs.
  --json                Print a summary as JSON.

TURSO_API_TOKEN is required. TURSO_API_BASEURL is the API's URL, if it is not Turso's.
`,

  async run(args) {
    try {
      return await run(args);
    } catch (error) {
      throw readable(error);
    }
  },
};

/** What a run has found out. */
interface Discovery {
  readonly options: Options;
  readonly inventory: Inventory;
  readonly sections: readonly Section[];
  /** What nothing declares yet; with --check, what no stack manages. */
  readonly undeclared: Inventory["found"];
  readonly files: readonly string[];
  readonly next: readonly string[];
}

async function run(args: string[]): Promise<number> {
  const settings = readSettings(() => undefined);
  const options = parseOptions(args, settings.organization);
  const { organization, out } = options;
  // Before the requests: what is wrong with the files needs none.
  const states = options.states.flatMap(declaredInState);
  const folder = out === undefined ? undefined : readFolder({ ...options, out }, options.states.length > 0);
  const known = new Known([...states, ...declaredIn(folder?.imported ?? [])]);
  // An import file may not have been imported.
  const managed = options.check ? new Known(states) : known;

  const start = performance.now();
  const { context, requests } = contextOf(settings);
  progress(`Reading organization '${organization}' …`);
  const isMeant = nameFilter(options.include, options.exclude);
  const lists = await readLists(context, organization);
  const inventory = await takeInventory(
    context,
    lists,
    isMeant,
    options.language === "organization" ? fileProblem : undefined,
  );
  const files: string[] = [];
  if (options.snapshot !== undefined) {
    await writeSnapshot(context, lists, known, { ...options, snapshot: options.snapshot }, isMeant);
    files.push(options.snapshot);
  }
  const seconds = (performance.now() - start) / 1000;
  progress(`${plural(requests(), "request")}, ${seconds.toFixed(1)} s.`);

  const sections = sectionsOf(lists, inventory, isMeant);
  const added = inventory.found.filter((found) => !known.has(found));
  const undeclared = inventory.found.filter((found) => !managed.has(found));
  const written = folder && writeProgram(folder, { inventory, added, sections, known });
  const next = folder && written?.importFile ? nextCommands(folder, written.importFile) : [];
  files.push(...(written?.files ?? []).map((file) => `${out}/${file}`));
  const discovery = { options, inventory, sections, undeclared, files, next };
  const summary = { requests: requests(), seconds: Math.round(seconds * 100) / 100 };
  process.stdout.write(
    options.json ? `${JSON.stringify({ ...summaryOf(discovery), ...summary })}\n` : textOf(discovery),
  );
  if (!options.check) return EXIT.ok;
  if (undeclared.length === 0) refuseUnknown(lists);
  return undeclared.length > 0 ? EXIT.unexpectedChanges : EXIT.ok;
}

/** What could not be listed may hold something that no stack declares. */
function refuseUnknown({ unreadable }: Lists): void {
  const unknown = unreadable.filter(
    ({ what, exists }) => exists && KINDS.some(({ plural: kind }) => kind === what),
  );
  if (unknown.length === 0) return;
  const causes = unknown.map(({ what, reason }) => `${what}: ${printable(reason)}`).join("\n");
  throw new CommandError(
    `It is not known whether the stacks declare everything, because some lists could not be read.\n${causes}\nSet TURSO_API_TOKEN to a token of the organization that may read them.`,
  );
}

/** A context like a provider process's. Each call of the client asks for the token, so that counts them. */
function contextOf({ baseUrl, token, requests }: Settings): { context: Context; requests: () => number } {
  let count = 0;
  const counting = (slug: string | undefined) => {
    const value = token(slug);
    count++;
    return value;
  };
  const api = createClient({ baseUrl, token: counting, userAgent, onWait: once(progress), ...requests });
  const context = {
    api,
    collection: collectionsOf(api),
    ownership: new Ownership(),
    organization: undefined,
    warn: progress,
  };
  return { context, requests: () => count };
}

/** Of concurrent requests, only the first reports a cause. */
function once(report: (line: string) => void): (line: string) => void {
  const reported = new Set<string>();
  return (line) => {
    if (!reported.has(line)) report(line);
    reported.add(line);
  };
}

function progress(line: string): void {
  process.stderr.write(`${printableLines(line)}\n`);
}

async function writeSnapshot(
  context: Context,
  lists: Lists,
  known: Known,
  { snapshot, anonymize, organization }: Options & { snapshot: string },
  isMeant: (name: string) => boolean,
): Promise<void> {
  const databases = lists.unreadable.find(({ what }) => what === "databases");
  if (databases !== undefined)
    throw new CommandError(
      `Failed to write ${snapshot}: could not read the databases: ${printable(databases.reason)}\nA preview would take every group for empty.`,
    );
  const [locations, plan] = await Promise.all([
    context.api.locations.list(organization),
    planOf(context, organization),
  ]);
  const json = snapshot.endsWith(".json");
  mkdirSync(dirname(snapshot), { recursive: true });
  writeFileSync(snapshot, snapshotText(lists, { plan, locations, isMeant, anonymize, json, known }));
}

/** The plan; undefined if the token may not read it. */
async function planOf({ api }: Context, organization: string): Promise<string | undefined> {
  try {
    return (await api.organizations.retrieve(organization)).plan;
  } catch (error) {
    if (error instanceof TursoApiError && isRefusal(error)) return undefined;
    throw error;
  }
}

function writeProgram(
  folder: Folder,
  {
    inventory,
    added,
    sections,
    known,
  }: Pick<Discovery, "inventory" | "sections"> & { added: Inventory["found"]; known: Known },
): ReturnType<typeof writeFolder> {
  const report = markdownReport(folder.organization, countsOf(inventory.found), sections);
  return writeFolder(folder, added, known, report);
}

/** E.g. `60 groups`. */
function countsOf(found: Inventory["found"]): string[] {
  return KINDS.map(({ plural: many, singular }) => {
    const count = found.filter(({ kind }) => kind.plural === many).length;
    return plural(count, singular);
  });
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The commands that bring what is new under management. */
function nextCommands({ out, host, language, isEmpty }: Folder, importFile: string): string[] {
  return [
    ...(resolve(out) === process.cwd() ? [] : [`cd ${shellWord(out)}`]),
    ...(isEmpty && language !== "yaml" ? ["npm install"] : []),
    ...(isEmpty && host === "native" ? ["npx pulumi-turso plugin install"] : []),
    ...(isEmpty ? ["pulumi stack init prod"] : []),
    `pulumi import --file ${importFile} --generate-code=false --protect=false --yes`,
    "pulumi preview --expect-no-changes",
  ];
}

function shellWord(text: string): string {
  return /^[\w./@%+=:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function summaryOf({ options, inventory, sections, undeclared, files, next }: Discovery): object {
  const { organization, host, language } = options;
  const counts = KINDS.map(({ plural: many }) => [
    many,
    inventory.found.filter(({ kind }) => kind.plural === many).length,
  ]);
  return {
    organization,
    host,
    language,
    found: Object.fromEntries(counts),
    undeclared: undeclared.map(({ kind, name, id, outputs: { uuid } }) => ({
      type: kind.lifecycle.resource.name,
      name,
      id,
      uuid,
    })),
    notDeclared: sections,
    files,
    next,
  };
}

function textOf({ options, inventory, sections, undeclared, files, next }: Discovery): string {
  const names = undeclared.map(({ kind, name }) => `  ${kind.singular} ${printable(name)}`);
  const of = `Organization '${printable(options.organization)}' has ${countsOf(inventory.found).join(", ")}.`;
  const news = options.check
    ? names.length === 0
      ? ["The stacks declare all of them."]
      : [`No stack declares ${names.length} of them:`, ...names]
    : options.out === undefined
      ? []
      : [names.length === 0 ? "Nothing is new." : `${names.length} new.`];
  return [
    of,
    ...news,
    ...(files.length > 0 ? [`Wrote ${files.map(printable).join(", ")}.`] : []),
    "",
    "Not declared:",
    ...textReport(sections),
    ...(next.length > 0 ? ["", "Next:", ...next.map((command) => `  ${printable(command)}`)] : []),
    "",
  ].join("\n");
}

/** An error as a user of the command sees it: settings come from variables only. */
function readable(error: unknown): unknown {
  if (error instanceof MissingTokenError) {
    const [problem, remedy = ""] = error.message.split("\n");
    const create = remedy.split(", then run")[0];
    return new CommandError(`${problem}\n${create}, then set the variable TURSO_API_TOKEN.`);
  }
  if (error instanceof Error && "syscall" in error)
    return new CommandError(`Failed to run \`discover\`: ${printableLines(error.message)}.`);
  const shown = asUserError(error);
  return shown instanceof UserError ? new CommandError(printableLines(shown.message)) : error;
}

const printableLines = (text: string) => text.split("\n").map(printable).join("\n");
