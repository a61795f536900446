/**
 * The files that `discover` writes into a folder. It adds to files that exist, and replaces only its own
 * report.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../command.js";
import { entriesOf, type Host, importEntries, type Naming } from "./entries.js";
import type { Found } from "./inventory.js";
import { type ImportEntry, type Known, readImportFile } from "./known.js";
import { identifierOf } from "./names.js";
import type { Language } from "./options.js";
import { isReport } from "./report.js";
import { typescriptProgram, typescriptProject } from "./typescript.js";
import { organizationFile, yamlKeys, yamlProgram } from "./yaml.js";

const REPORT = "REPORT.md";

const IMPORT_FILE = "import.json";

/** What is new in a later run. The first file has what was renamed since under its old name. */
const NEW_IMPORT_FILE = "import-new.json";

const PROGRAM = {
  typescript: "index.ts",
  yaml: "Pulumi.yaml",
  organization: "organization.yaml",
} as const satisfies Record<Language, string>;

export interface Target {
  readonly organization: string;
  readonly host: Host;
  readonly language: Language;
  readonly out: string;
}

/** What a folder has already. */
export interface Folder extends Target {
  readonly imported: readonly ImportEntry[] | undefined;
  /** The text of the program, or of the organization file. */
  readonly program: string | undefined;
  readonly isEmpty: boolean;
}

export function readFolder(target: Target, hasStates: boolean): Folder {
  const { out, language, host } = target;
  const file = PROGRAM[language];
  refuseOtherReport(join(out, REPORT));
  const isEmpty = !existsSync(out) || readdirSync(out).length === 0;
  const imported = readImportFile(join(out, IMPORT_FILE));
  const path = join(out, file);
  const program = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (program !== undefined && imported === undefined && !hasStates)
    throw new CommandError(
      `${path} exists, and it is not known what it declares.\n` +
        "Pass `--state FILE`, which `pulumi stack export --file FILE` writes, so that only what is new is added. Or choose another folder with --out.",
    );
  if (program === undefined && imported !== undefined)
    throw new CommandError(
      `${out} has ${IMPORT_FILE}, but not ${file}. Use the same --language as before, or choose another folder with --out.`,
    );
  const other = host === "native" ? "pulumi-nodejs:dynamic/turso:" : "turso:index:";
  if (imported?.some(({ type, component }) => component !== true && type.startsWith(other)))
    throw new CommandError(
      `${out} is for the ${host === "native" ? "dynamic provider" : "native plugin"}. Use the same --host as before, or choose another folder with --out.`,
    );
  return { ...target, imported, program, isEmpty };
}

function refuseOtherReport(path: string): void {
  if (!existsSync(path) || isReport(readFileSync(path, "utf8"))) return;
  throw new CommandError(`${path} exists, and discover did not write it. Choose another folder with --out.`);
}

/** Writes what is new. Returns the names of the files, and of the one to import. */
export function writeFolder(
  folder: Folder,
  added: readonly Found[],
  known: Known,
  report: string,
): { files: string[]; importFile: string | undefined } {
  const files: Record<string, string> = { [REPORT]: report };
  if (added.length > 0 || folder.program === undefined)
    Object.assign(files, programFiles(folder, added, known));
  mkdirSync(folder.out, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder.out, file), text);
  const importFile = [NEW_IMPORT_FILE, IMPORT_FILE].find((file) => file in files);
  return { files: Object.keys(files), importFile: added.length > 0 ? importFile : undefined };
}

function programFiles(folder: Folder, added: readonly Found[], known: Known): Record<string, string> {
  const { organization, language, host, imported, program } = folder;
  const slug = organization.replaceAll(/[^\w.-]/g, "-");
  const about = {
    project: `turso-${slug}`.slice(0, 100),
    description: `What organization ${slug} has at Turso`,
  };
  const component = language === "organization" ? componentOf(folder) : undefined;
  const entries = entriesOf(added, namingOf(folder, known));
  const news = importEntries(entries, host, component);
  const text = {
    typescript: () => typescriptProgram(program, entries, { organization, host }),
    yaml: () => yamlProgram(program, entries, about),
    organization: () => organizationFile(program, entries, organization),
  }[language]();
  // The program comes first: what is imported, but not declared, is deleted by the next `pulumi up`.
  return {
    [PROGRAM[language]]: text,
    [IMPORT_FILE]: importText([...(imported ?? []), ...news.filter((entry) => !isIn(imported, entry))]),
    ...(imported !== undefined && { [NEW_IMPORT_FILE]: importText(news) }),
    ...(folder.isEmpty && language !== "yaml" && typescriptProject(about)),
    ...(folder.isEmpty && component && { "index.ts": organizationProgram(component.name, host) }),
  };
}

/** Maps of a YAML program whose keys share one namespace, in which `pulumi` is taken. */
const YAML_NAMES = ["resources", "variables", "config", "configuration"];

/** A component is in the file of every run. */
const isIn = (imported: readonly ImportEntry[] | undefined, { component }: ImportEntry) =>
  component === true && imported !== undefined;

function namingOf({ language, program }: Folder, known: Known): Naming {
  const isDeclared: Naming["isNameTaken"] = ({ lifecycle }, name) =>
    known.hasName(lifecycle.resource.name, name);
  const camelCase: Naming["identifier"] = (name, { singular }) => identifierOf(name, singular);
  const keys = once((map) => yamlKeys(PROGRAM[language], program, map));
  switch (language) {
    case "typescript": {
      const words = new Set(program?.match(/[\w$]+/g));
      return {
        isNameTaken: isDeclared,
        identifier: camelCase,
        isIdentifierTaken: (identifier) => words.has(identifier),
      };
    }
    case "yaml":
      return {
        isNameTaken: isDeclared,
        identifier: (name, kind) => (/^[A-Za-z][\w-]*$/.test(name) ? name : camelCase(name, kind)),
        isIdentifierTaken: (identifier) =>
          identifier === "pulumi" || YAML_NAMES.some((map) => keys(map).includes(identifier)),
      };
    case "organization":
      return {
        isNameTaken: ({ plural }, name) => keys(plural).includes(name),
        identifier: camelCase,
        isIdentifierTaken: () => false,
      };
  }
}

/** The same function, which is called once for each argument. */
function once<T>(work: (argument: string) => T): (argument: string) => T {
  const results = new Map<string, T>();
  return (argument) => {
    const result = results.get(argument) ?? work(argument);
    results.set(argument, result);
    return result;
  };
}

const importText = (resources: readonly ImportEntry[]) => `${JSON.stringify({ resources }, undefined, 2)}\n`;

/** The component of an earlier run may have been renamed in the files. */
function componentOf({ imported = [], organization }: Folder): { name: string } {
  const name = imported.find(({ component }) => component)?.name;
  return { name: name ?? organization.replaceAll(/[^\w.-]/g, "-") };
}

function organizationProgram(name: string, host: Host): string {
  return `import * as turso from "pulumi-turso${host === "native" ? "/native" : ""}";

new turso.Organization(${JSON.stringify(name)}, { file: ${JSON.stringify(PROGRAM.organization)} });
`;
}
