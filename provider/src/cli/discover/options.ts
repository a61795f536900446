/** The arguments of `discover`. */
import { parseArgs } from "node:util";
import { segmentProblem } from "../../api/http/paths.js";
import { oneOf, UsageError } from "../command.js";
import type { Host } from "./entries.js";

const LANGUAGES = ["typescript", "yaml", "organization"] as const;

export type Language = (typeof LANGUAGES)[number];

export interface Options {
  readonly organization: string;
  readonly host: Host;
  readonly language: Language;
  /** The folder for the program; undefined: none is written. */
  readonly out: string | undefined;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Exported states. */
  readonly states: readonly string[];
  readonly check: boolean;
  readonly snapshot: string | undefined;
  readonly anonymize: boolean;
  readonly json: boolean;
}

const RULES = {
  organization: { type: "string" },
  host: { type: "string" },
  language: { type: "string", default: "typescript" },
  out: { type: "string" },
  include: { type: "string", multiple: true },
  exclude: { type: "string", multiple: true },
  state: { type: "string", multiple: true },
  check: { type: "boolean", default: false },
  snapshot: { type: "string" },
  anonymize: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** `defaultOrganization`: that of the settings. */
export function parseOptions(args: string[], defaultOrganization: string | undefined): Options {
  const { values } = parseArgs({ args, options: RULES });
  const { check, snapshot, anonymize, json, include = [], exclude = [], state: states = [] } = values;
  const organization = organizationOf(values.organization ?? defaultOrganization);
  const language = oneOf("--language", LANGUAGES, values.language);
  const host = oneOf(
    "--host",
    ["dynamic", "native"],
    values.host ?? (language === "yaml" ? "native" : "dynamic"),
  );
  if (language === "yaml" && host === "dynamic")
    throw new UsageError("`--language yaml` requires `--host native`: Pulumi YAML runs the native plugin.");
  if (check && states.length === 0)
    throw new UsageError(
      "`--check` requires `--state FILE`, for each stack that manages a part of the organization. `pulumi stack export --file FILE` writes it.",
    );
  if (anonymize && snapshot === undefined) throw new UsageError("`--anonymize` requires `--snapshot FILE`.");
  const out = values.out ?? (check || snapshot !== undefined ? undefined : organization);
  return { organization, host, language, out, include, exclude, states, check, snapshot, anonymize, json };
}

function organizationOf(organization: string | undefined): string {
  if (organization === undefined)
    throw new UsageError(
      "`--organization SLUG` is required. `turso org list` lists the slugs, also that of your personal account.",
    );
  const problem = segmentProblem(organization);
  if (problem !== undefined)
    throw new UsageError(`The organization is ${JSON.stringify(organization)}, but a slug ${problem}.`);
  return organization;
}
