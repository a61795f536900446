/** Which arguments and resources an output form waits for, with the SDK's mocks in place of an engine. */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { outputOf } from "../../src/program/functions.js";

/**
 * A resource that exists, or, if its name starts with "new", one that the mocks below show as in a preview
 * that creates it.
 */
class Thing extends pulumi.CustomResource {
  declare readonly label: pulumi.Output<string>;

  constructor(name: string, options?: pulumi.CustomResourceOptions) {
    super("test:index:Thing", name, { label: name }, options);
  }
}

class Box extends pulumi.ComponentResource {
  constructor(name: string, inside: string) {
    super("test:index:Box", name);
    new Thing(inside, { parent: this });
  }
}

beforeAll(() =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({ id: name.startsWith("new") ? "" : `${name}-id`, state: inputs }),
      call: () => ({}),
    },
    "shop",
    "dev",
    true,
  ),
);

/** The arguments of the call; undefined if it was not made. */
async function calledWith(
  args: pulumi.Input<Record<string, unknown>>,
  dependsOn?: pulumi.InvokeOutputOptions["dependsOn"],
): Promise<unknown> {
  let got: unknown;
  const result = outputOf(
    "getGroupOutput",
    pulumi.output(args),
    dependsOn === undefined ? {} : { dependsOn },
    async (known) => {
      got = known;
      return "called";
    },
  );
  const { isKnown } = result as unknown as { isKnown: Promise<boolean> };
  expect(await isKnown).toBe(got !== undefined);
  return got;
}

test("the call is made with plain arguments", async () => {
  expect(await calledWith({ name: "prod" })).toEqual({ name: "prod" });
});

test("the call is made with a known output of a resource that exists", async () => {
  expect(await calledWith({ name: new Thing("old").label })).toEqual({ name: "old" });
});

test("the call is not made with a known output of a resource that does not exist yet", async () => {
  const { label } = new Thing("new");
  expect(await (label as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(true);
  expect(await calledWith({ name: label })).toBeUndefined();
  expect(await calledWith({ name: label.apply((text) => text.length) })).toBeUndefined();
});

test("the call is not made before every resource in dependsOn exists, in any form of the option", async () => {
  const [old, fresh] = [new Thing("old2"), new Thing("new2")];
  expect(await calledWith({}, old)).toEqual({});
  expect(await calledWith({}, [old, pulumi.output(old)])).toEqual({});
  expect(await calledWith({}, fresh)).toBeUndefined();
  expect(await calledWith({}, [old, fresh])).toBeUndefined();
  expect(
    await calledWith(
      {},
      pulumi.output(fresh.label).apply(() => old),
    ),
  ).toBeUndefined();
  expect(await calledWith({}, Promise.resolve([fresh]))).toBeUndefined();
});

test("a component exists when the resources in it exist", async () => {
  expect(await calledWith({}, new Box("box1", "old3"))).toEqual({});
  expect(await calledWith({}, new Box("box2", "new3"))).toBeUndefined();
});

test("the result of secret arguments is a secret", async () => {
  const result = outputOf(
    "getGroupOutput",
    pulumi.output({ name: pulumi.secret("prod") }),
    {},
    async () => "called",
  );
  expect(await pulumi.isSecret(result)).toBe(true);
});
