/**
 * Typed policies of `@pulumi/policy` apply to the resources of both hosts, whichever of the two modules they
 * import.
 */
import { createRequire } from "node:module";
import { type ResourceValidationPolicy, validateResourceOfType } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import {
  AnalyzeRequest,
  type AnalyzeResponse,
  AnalyzerResourceOptions,
} from "@pulumi/pulumi/proto/analyzer_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { beforeAll, describe, expect, test } from "vitest";

type Analyze = (
  call: { request: AnalyzeRequest },
  callback: (error: Error | null, response: AnalyzeResponse) => void,
) => void;

/** The service of a policy pack, without its process. */
const { makeAnalyzeRpcFun } = createRequire(import.meta.url)("@pulumi/policy/server") as {
  makeAnalyzeRpcFun(
    pack: string,
    version: string,
    level: string,
    policies: ResourceValidationPolicy[],
  ): Analyze;
};

const TYPES = ["Group", "GroupToken", "GroupTokenInvalidation"] as const;
const hosts = [
  { host: "pulumi-turso", prefix: "pulumi-nodejs:dynamic/turso:" },
  { host: "pulumi-turso/native", prefix: "turso:index:" },
];

/** Policies that report every resource of their class. */
function policies({ Group, GroupToken, GroupTokenInvalidation }: typeof dynamic): ResourceValidationPolicy[] {
  const policy = (name: string, validateResource: ResourceValidationPolicy["validateResource"]) => ({
    name,
    description: name,
    enforcementLevel: "mandatory" as const,
    ...(validateResource && { validateResource }),
  });
  return [
    policy(
      "Group",
      validateResourceOfType(Group, ({ location }, _args, report) => report(String(location))),
    ),
    policy(
      "GroupToken",
      validateResourceOfType(GroupToken, ({ group }, _args, report) => report(String(group))),
    ),
    policy(
      "GroupTokenInvalidation",
      validateResourceOfType(GroupTokenInvalidation, ({ group }, _args, report) => report(String(group))),
    ),
  ];
}

/** The policies that a resource of the type violates. */
function violated(turso: typeof dynamic, type: string): Promise<string[]> {
  const analyze = makeAnalyzeRpcFun("turso", "1.0.0", "mandatory", policies(turso));
  const request = new AnalyzeRequest()
    .setType(type)
    .setName("x")
    .setProperties(new Struct())
    .setOptions(new AnalyzerResourceOptions());
  return new Promise((resolve, reject) => {
    analyze({ request }, (error, response) =>
      error ? reject(error) : resolve(response.getDiagnosticsList().map((found) => found.getPolicyname())),
    );
  });
}

describe.each([
  { module: "pulumi-turso", turso: dynamic },
  { module: "pulumi-turso/native", turso: native },
])("policies of the classes of $module", ({ turso }) => {
  test.each(hosts)("apply to each resource of $host, by its type", async ({ prefix }) => {
    for (const type of TYPES) expect(await violated(turso, `${prefix}${type}`)).toEqual([type]);
  });

  test.each([
    "aws:s3/bucket:Bucket",
    "turso:index:Database",
    "turso:index:Provider",
    "pulumi:providers:turso",
    "pulumi-nodejs:dynamic:Resource",
    "Group",
  ])("do not apply to %s", async (type) => {
    expect(await violated(turso, type)).toEqual([]);
  });
});

describe("isInstance", () => {
  beforeAll(() =>
    pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: () => ({}),
    }),
  );

  test.each([
    ["pulumi-turso", dynamic],
    ["pulumi-turso/native", native],
  ])("is true of the resources of %s, in both modules", (module, turso) => {
    const group = new turso.Group(module, { location: "lhr" });
    const token = new turso.GroupToken(module, { group: "prod" });
    for (const { Group, GroupToken } of [dynamic, native]) {
      expect([Group.isInstance(group), Group.isInstance(token)]).toEqual([true, false]);
      expect([GroupToken.isInstance(group), GroupToken.isInstance(token)]).toEqual([false, true]);
    }
  });

  test.each([undefined, null, "turso:index:Group", {}, { __pulumiType: 5 }])("is false of %j", (value) => {
    expect(dynamic.Group.isInstance(value)).toBe(false);
  });
});
