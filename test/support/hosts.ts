/**
 * The two hosts of the same lifecycles. What holds for a resource holds on both; this file says how the hosts
 * differ.
 */
import { createRequire } from "node:module";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { describeEngine, type Engine, type EngineOptions, startEngine } from "./engine.ts";

export interface Host {
  readonly host: "dynamic" | "native";
  /** What a program imports. */
  readonly turso: typeof dynamic;
  /** Starts a stack for one test. Its engine knows the plugin if this host needs it. */
  startEngine(options?: EngineOptions): Promise<Engine>;
  /** The type of a resource in state. */
  typeOf(name: "Group" | "GroupToken" | "GroupTokenInvalidation"): string;
  /** What the inputs and outputs in state hold in addition to those of the resource. */
  marks(handler: "groupProvider"): Record<string, unknown>;
  /** The heading under which the diagnostics show the warnings of a resource. */
  readonly warnsUnder: RegExp;
  /** The resource that the error of a malformed setting names, in a program with a resource `resource`. */
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
    // The engine assigns what the provider process prints to no resource.
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
    // Settings are the inputs of the default provider, which the engine creates.
    refusesSettingsAt: () => `default_${version.replaceAll(".", "_")}`,
  },
];

/** The same tests on each host, on the real engine. */
export function describeHosts(title: string, tests: (host: Host) => void): void {
  describeEngine.each(hosts)(`${title} ($host)`, tests);
}

/**
 * For rules of a lifecycle, which both hosts run: `npm test` runs the tests on the native host, `npm run
 * test:exhaustive` on the dynamic one. What a host does itself (settings, unknown values, errors, warnings,
 * partial results) needs `describeHosts`.
 */
export function describeLifecycle(title: string, tests: (host: Host) => void): void {
  for (const host of hosts) {
    const tags = host.host === "dynamic" ? ["exhaustive"] : [];
    describeEngine(`${title} (${host.host})`, { tags }, () => tests(host));
  }
}

/** For tests of what only one host can do. */
export function describeHost(name: Host["host"], title: string, tests: (host: Host) => void): void {
  describeEngine.each(hosts.filter(({ host }) => host === name))(`${title} ($host)`, tests);
}
