/** What an output form waits for, with the SDK's mocks in place of an engine. */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { outputOf } from "../../src/program/functions.js";

/** A resource of which the mocks below say that it is there, or that it is only going to be. */
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

/** What the call got, or nothing if it was not made. */
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

test("plain arguments are called with at once", async () => {
  expect(await calledWith({ name: "prod" })).toEqual({ name: "prod" });
});

test("a known output of a resource that is there is called with", async () => {
  expect(await calledWith({ name: new Thing("old").label })).toEqual({ name: "old" });
});

test("a known output of a resource that is only going to be is not", async () => {
  const { label } = new Thing("new");
  expect(await (label as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(true);
  expect(await calledWith({ name: label })).toBeUndefined();
  expect(await calledWith({ name: label.apply((text) => text.length) })).toBeUndefined();
});

test("nor is anything while dependsOn is not there, in whatever way it is given", async () => {
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

test("a component is there when what is in it is", async () => {
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
