/**
 * `mockTurso` refuses what a preview on the engine refuses, with the same messages, and plans the same steps,
 * for generated programs: a first version that is deployed, and a second one.
 */
import type * as pulumi from "@pulumi/pulumi";
import { type MockTurso, mockTurso } from "pulumi-turso/testing";
import { expect, test } from "vitest";
import { Random } from "../soak/random.ts";
import { emulate, TOKEN } from "../support/emulator.ts";
import type { Engine, Result } from "../support/engine.ts";
import { describeLifecycle, type Host } from "../support/hosts.ts";

interface Resource {
  kind: "Group" | "GroupToken" | "ApiToken" | "OrganizationMember" | "OrganizationInvite";
  name: string;
  args: Record<string, string | boolean | string[]>;
  /** The group of a token. */
  of?: string | undefined;
}

const LOCATIONS = ["lhr", "ams", "aws-us-east-1", "lhrr"];
const GROUPS = ["a", "b", "c", "d"];

function groupOf(random: Random, name: string): Resource {
  const args: Resource["args"] = {
    location: random.chance(0.9) ? (random.pick(LOCATIONS.slice(0, 3)) ?? "") : "lhrr",
  };
  if (random.chance(0.7)) args.name = random.pick(["one", "two", "three", "old-full", "old-empty"]) ?? "";
  if (random.chance(0.2)) args.replicas = random.sample(["ams", "fra", "aws-us-east-1"], 2);
  if (random.chance(0.2)) args.adopt = true;
  if (random.chance(0.2)) args.forceDestroy = true;
  if (random.chance(0.2)) args.deleteProtection = true;
  if (random.chance(0.05)) args.unknown = "x";
  return { kind: "Group", name, args };
}

/** An API token, a member and an invite, some of which exist already. */
function othersOf(random: Random, groups: readonly Resource[]): Resource[] {
  const of = random.chance(0.7) ? random.pick(groups)?.name : undefined;
  const scopes = random.pick([["read"], ["read", "db:create"], "full-access", ["reed"]]) ?? "";
  const role = () => random.pick(["admin", "member", "viewer", "ownr"]) ?? "";
  const token = {
    ...(random.chance(0.5) && { name: random.pick(["ci", "old-ci"]) ?? "" }),
    ...((of !== undefined || random.chance(0.1)) && { scopes }),
  };
  const person = () => ({ role: role(), ...(random.chance(0.3) && { adopt: true }) });
  const others: Resource[] = [
    { kind: "ApiToken", name: "ci", args: token, of },
    {
      kind: "OrganizationMember",
      name: "person",
      args: { username: random.pick(["alice", "bob"]) ?? "", ...person() },
    },
    {
      kind: "OrganizationInvite",
      name: "guest",
      args: { email: random.pick(["carol@example.com", "dan@example.com"]) ?? "", ...person() },
    },
  ];
  return others.filter(() => random.chance(0.6));
}

function programOf(random: Random): Resource[] {
  const groups = random.sample(GROUPS, random.int(1, 4)).map((name) => groupOf(random, name));
  const tokens = groups
    .filter(() => random.chance(0.3))
    .map(
      ({ name }): Resource => ({
        kind: "GroupToken",
        name: `t-${name}`,
        args: { expiration: random.chance(0.9) ? "30d" : "soon" },
        of: name,
      }),
    );
  // The mock refuses an empty program.
  const keep: Resource = { kind: "Group", name: "keep", args: { location: "lhr" } };
  return [keep, ...groups, ...tokens, ...othersOf(random.fork(), groups)];
}

/** Changes, adds or removes some of the resources. */
function edited(random: Random, resources: readonly Resource[]): Resource[] {
  const before = new Map(resources.map((resource) => [resource.name, resource]));
  return programOf(random).map((resource) => {
    const old = before.get(resource.name);
    return old !== undefined && random.chance(0.5) ? old : resource;
  });
}

const declare =
  ({ turso }: Pick<Host, "turso">, resources: readonly Resource[]) =>
  async () => {
    const groups = new Map<string, pulumi.CustomResource>();
    for (const { kind, name, args, of } of resources) {
      const group = groups.get(of ?? "");
      const Class: new (name: string, args: never) => pulumi.CustomResource = turso[kind];
      const resource = new Class(name, { ...args, ...(group && { group: group.id }) } as never);
      if (kind === "Group") groups.set(name, resource);
    }
  };

const state = {
  organizations: {
    acme: {
      groups: ["old-full", "old-empty"].map((name) => ({ name, location: "lhr" })),
      databases: [{ name: "orders", group: "old-full" }],
      apiTokens: [{ name: "old-ci" }],
      members: [{ username: "alice", role: "admin" as const }],
      invites: [{ email: "carol@example.com", role: "member" as const }],
    },
  },
};

/** What the engine says of a refused resource, without its value: `a.location: Turso has no location …`. */
function refusalsIn(diagnostics: string): string[] {
  const pattern = /error: \S+ resource '(.+?)'(?:: property (\S+) value \{.*\})? has a problem: (.*)$/gm;
  return [...diagnostics.matchAll(pattern)].map(
    ([, name, property = "", reason]) => `${name}.${property}: ${reason}`,
  );
}

/** Which of two resources with the same group is refused depends on the order in which the SDK registers them. */
function unordered(refusal: string): string {
  const [, ...names] = /^(\w+)\.name: the resource '(\w+)'.* manages the same group/.exec(refusal) ?? [];
  return names.length === 0 ? refusal : `${names.sort()} manage the same group`;
}

/** The steps of a plan in the order of names, e.g. `replace a`. */
function stepsOf(steps: Result["steps"]): string[] {
  const kinds = ["create", "update", "replace", "delete"];
  return Object.entries(steps)
    .map(([name, ops]) => `${kinds.find((kind) => ops.includes(kind)) ?? ops} ${name}`)
    .sort();
}

describeLifecycle("a generated program", (host) => {
  const { turso, startEngine } = host;

  /** Runs both until the engine accepts what is left of the program. Returns that, and whether it was deployed. */
  const deploy = async (engine: Engine, mock: MockTurso, program: Resource[], what: string) => {
    let resources = program;
    for (;;) {
      engine.program = declare({ turso }, resources);
      const real = await engine.run("preview");
      const { refused, created, updated, replaced, deleted } = await mock.run(declare({ turso }, resources), {
        expectRefusals: true,
      });
      const seen = refused.map(
        ({ name, property, message }) => `${name}.${property}: ${message.split("\n")[0]}`,
      );
      if (!real.failed) {
        const plan = Object.entries({ create: created, update: updated, replace: replaced, delete: deleted });
        const steps = plan.flatMap(([kind, changes]) => changes.map(({ name }) => `${kind} ${name}`));
        expect(steps.sort(), what).toEqual(stepsOf(real.steps));
        const { failed } = await engine.run("up");
        expect([refused.length > 0, seen], what).toEqual([failed, seen]);
        return !failed;
      }
      // The engine stops at the first refusal; the mock reports all of them.
      const shown = refusalsIn(real.diagnostics);
      expect(shown, what).not.toEqual([]);
      for (const refusal of shown) expect(seen.map(unordered), what).toContain(unordered(refusal));
      const names = shown.map((refusal) => refusal.split(".")[0]);
      resources = resources.filter(({ name, of }) => !names.includes(name) && !names.includes(of));
    }
  };

  const compare = async (from: number, count: number) => {
    for (let seed = from; seed < from + count; seed++) {
      const random = new Random(seed);
      const emulator = await emulate({ state });
      const engine = await startEngine({
        env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" },
      });
      const mock = await mockTurso({ organization: "acme", state, project: "shop", stack: "dev" });
      const first = programOf(random);
      const second = edited(random, first);
      if (!(await deploy(engine, mock, first, JSON.stringify({ seed, first })))) continue;
      const name = random.pick(mock.groups)?.name;
      for (const { store } of [emulator, mock.emulator])
        if (name !== undefined) store.account("acme").createDatabase({ name: "later", group: name });
      await deploy(engine, mock, second, JSON.stringify({ seed, first, name, second }));
    }
  };

  test("is refused and planned alike", () => compare(1, 2));
  test("is refused and planned alike, many times", { tags: ["exhaustive"], timeout: 1_200_000 }, () =>
    compare(3, 8),
  );
});
