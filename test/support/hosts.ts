/** The two hosts of the same lifecycles. What holds for a resource holds on both; how they differ at all stands here. */
import { createRequire } from "node:module";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { describeEngine, type Engine, type EngineOptions, startEngine } from "./engine.ts";

export interface Host {
  readonly host: "dynamic" | "native";
  /** What a program imports. */
  readonly turso: typeof dynamic;
  /** A stack for one test, whose engine knows the plugin where this host needs it. */
  startEngine(options?: EngineOptions): Promise<Engine>;
  /** The type of a resource in state. */
  typeOf(name: "Group" | "GroupToken" | "GroupTokenInvalidation"): string;
  /** What state's inputs and outputs hold besides a resource's own. */
  marks(handler: "groupProvider"): Record<string, unknown>;
  /** The heading under which the diagnostics show what a resource warns of. */
  readonly warnsUnder: RegExp;
  /** The name of the resource that a malformed setting is shown at, in a program with a resource `resource`. */
  refusesSettingsAt(resource: string): string;
}

const { version } = createRequire(import.meta.url)("pulumi-turso/package.json") as { version: string };

const hosts: readonly Host[] = [
  {
    host: "dynamic",
    turso: dynamic,
    startEngine: (options) => startEngine(options),
    typeOf: (name) => `pulumi-nodejs:dynamic/turso:${name}`,
    marks: (handler) => ({
      __provider: `exports.handler = () => require("pulumi-turso/provider").${handler}`,
    }),
    // What its process prints belongs to no resource.
    warnsUnder: /^ {2}pulumi:pulumi:Stack \(shop-dev\):$/,
    refusesSettingsAt: (resource) => resource,
  },
  {
    host: "native",
    turso: native,
    startEngine: (options) => startEngine({ ...options, native: true }),
    typeOf: (name) => `turso:index:${name}`,
    marks: () => ({}),
    warnsUnder: /^ {2}turso:index:\w+ \([\w-]+\):$/,
    // Settings are the inputs of a provider that the engine makes by itself.
    refusesSettingsAt: () => `default_${version.replaceAll(".", "_")}`,
  },
];

/** The same tests on each host, of the real engine. */
export function describeHosts(title: string, tests: (host: Host) => void): void {
  describeEngine.each(hosts)(`${title} ($host)`, tests);
}

/** For tests of what only one of them can. */
export function describeHost(name: Host["host"], title: string, tests: (host: Host) => void): void {
  describeEngine.each(hosts.filter(({ host }) => host === name))(`${title} ($host)`, tests);
}
