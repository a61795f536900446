/** What the native plugin returns to the engine. The engine tests run every lifecycle on it as well. */

import type * as grpc from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, test } from "vitest";
import { emulate, TOKEN } from "../../../test/support/emulator.ts";
import { slowly } from "../../../test/support/server.ts";
import { EngineLog } from "../../src/hosts/plugin/log.js";
import { pluginService } from "../../src/hosts/plugin/server.js";
import type { ErrorCode } from "../../src/lifecycle/errors.js";
import { UNKNOWN } from "../../src/lifecycle/unknown.js";

type Service = ReturnType<typeof pluginService>;

const struct = (values: object) => Struct.fromJavaScript(values as Record<string, JavaScriptValue>);
const URN = "urn:pulumi:dev::shop::turso:index:Group::analytics";

/** Calls a method as gRPC does. Rejects with the status. */
function call<Q, R>(method: grpc.handleUnaryCall<Q, R>, request: Q): Promise<R> {
  return new Promise((resolve, reject) => {
    method({ request } as grpc.ServerUnaryCall<Q, R>, (error, response) =>
      response === undefined || response === null ? reject(error) : resolve(response),
    );
  });
}

async function configured(settings: object): Promise<Service> {
  const service = pluginService(new EngineLog(), "{}");
  await call(service.configure, new pb.ConfigureRequest().setArgs(struct(settings)));
  return service;
}

/** A message whose first line names this and ends with the code. */
const message = (named: string, code: ErrorCode) =>
  expect.stringMatching(new RegExp(`^.*${named}.* \\[${code}\\](\n|$)`));

const create = (inputs: object) => new pb.CreateRequest().setUrn(URN).setProperties(struct(inputs));

test("state gets the settings with their tokens as secrets; invalid ones are refused, unknown values are not", async () => {
  const { checkConfig } = pluginService(new EngineLog(), "{}");
  const check = async (settings: object) => {
    const response = await call(checkConfig, new pb.CheckRequest().setNews(struct(settings)));
    return {
      inputs: response.getInputs()?.toJavaScript(),
      failures: response.getFailuresList().map((failure) => failure.getReason()),
    };
  };
  const secret = (value: string) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value,
  });
  expect(await check({ apiToken: "t0ken", apiTokens: '{"acme":"t"}', organization: "acme" })).toEqual({
    inputs: { apiToken: secret("t0ken"), apiTokens: secret('{"acme":"t"}'), organization: "acme" },
    failures: [],
  });
  expect(await check({ baseUrl: "http://example.com" })).toMatchObject({
    failures: [message('"http://example.com"', "INVALID_SETTING")],
  });
  expect(await check({ apiToken: UNKNOWN, baseUrl: UNKNOWN, deleteProtection: UNKNOWN })).toMatchObject({
    failures: [],
  });
});

test("settings in another order are no change", async () => {
  const { diffConfig } = pluginService(new EngineLog(), "{}");
  const changes = async (olds: object, news: object) =>
    (await call(diffConfig, new pb.DiffRequest().setOlds(struct(olds)).setNews(struct(news)))).getChanges();
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  expect(await changes({ baseUrl: "b", organization: "o" }, { organization: "o", baseUrl: "b" })).toBe(
    DIFF_NONE,
  );
  expect(await changes({ organization: "o" }, { organization: "p" })).toBe(DIFF_SOME);
});

test("a create that fails partway records what exists; every other error is a message with a code", async () => {
  const emulator = await emulate();
  const service = await configured({ apiToken: TOKEN, baseUrl: emulator.url });
  emulator.fail({ method: "POST", path: /locations\/ams/, status: 402, body: { error: "no more" } });
  const inputs = { name: "prod", location: "lhr", replicas: ["ams"] };
  const partial = (await call(service.create, create(inputs)).catch((error) => error)) as grpc.StatusObject;
  const [bytes] = partial.metadata.get("grpc-status-details-bin") as Buffer[];
  const [detail] = Status.deserializeBinary(bytes ?? Buffer.of()).getDetailsList();
  expect(detail?.getTypeName()).toBe("pulumirpc.ErrorResourceInitFailed");
  const failed = pb.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? Buffer.of());
  expect(failed.getId()).toBe("prod");
  expect(partial.details).toEqual(message("'prod'", "UPDATE_FAILED"));
  expect(failed.getReasonsList()).toEqual([partial.details]);
  expect(failed.getProperties()?.toJavaScript()).toMatchObject({
    uuid: emulator.store.account().group("prod").uuid,
    replicas: [],
  });

  await expect(call(service.create, create({ name: "prod", location: "lhr" }))).rejects.toMatchObject({
    code: 2,
    details: message("'prod'", "NAME_TAKEN"),
  });
  const unknownType = create({}).setUrn("urn:pulumi:dev::shop::turso:index:Nothing::it");
  await expect(call(service.create, unknownType)).rejects.toMatchObject({
    details: message("turso:index:Nothing", "NOT_SUPPORTED"),
  });
});

test("a stop lets requests finish within a grace period, aborts the others and their calls, and does not affect later calls", async () => {
  const emulator = await emulate();
  const { url, seen } = await slowly(emulator.url, ({ method, body }) =>
    method === "POST" && body.includes("slow") ? 60_000 : method === "POST" ? 200 : 0,
  );
  const service = await configured({ apiToken: TOKEN, baseUrl: url });
  const quick = call(service.create, create({ name: "quick", location: "lhr" }));
  const slow = call(service.create, create({ name: "slow", location: "lhr", replicas: ["ams"] }));
  const cut = expect(slow).rejects.toMatchObject({
    details: message("'slow'", "OUTCOME_UNKNOWN"),
  });
  await expect.poll(() => seen.length).toBe(2);
  await call(service.cancel, undefined);
  expect((await quick).getId()).toBe("quick");
  await cut;
  expect(seen.length).toBe(2);
  expect((await call(service.create, create({ name: "next", location: "lhr" }))).getId()).toBe("next");
});

test("read finds a group by its ID, whatever the program sets; a missing one is an error for an import, and removed by a refresh", async () => {
  const emulator = await emulate();
  const service = await configured({ apiToken: TOKEN, baseUrl: emulator.url });
  emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
  const read = (id: string, properties: object) =>
    call(service.read, new pb.ReadRequest().setUrn(URN).setId(id).setProperties(struct(properties)));
  for (const properties of [{}, { name: "other", location: "ams" }]) {
    const found = await read("acme/prod", properties);
    expect(found.getId()).toBe("acme/prod");
    expect(found.getInputs()?.toJavaScript()).toEqual({
      name: "prod",
      location: "lhr",
      organization: "acme",
    });
  }
  await expect(read("acme/nope", {})).rejects.toMatchObject({
    details: message("'acme/nope'", "NOT_FOUND"),
  });
  const state = { name: "nope", location: "lhr", organization: "acme", uuid: "u" };
  expect((await read("acme/nope", state)).getId()).toBe("");
});

test("a name is the one that the engine proposes, else generated; it is refused if it is invalid, or if autonaming is disabled", async () => {
  const emulator = await emulate();
  const service = await configured({ apiToken: TOKEN, baseUrl: emulator.url });
  const { AutonamingOptions } = pb.CheckRequest;
  const { DISABLE, ENFORCE, PROPOSE } = AutonamingOptions.Mode;
  const check = async (autonaming: pb.CheckRequest.AutonamingOptions | undefined, olds = {}) => {
    const request = new pb.CheckRequest()
      .setUrn(URN)
      .setNews(struct({ location: "lhr" }))
      .setOlds(struct(olds));
    const response = await call(service.check, request.setAutonaming(autonaming));
    return [
      ...response.getFailuresList().map((failure) => failure.getReason()),
      response.getInputs()?.toJavaScript().name,
    ];
  };
  const proposal = (mode: 0 | 1 | 2, name = "") =>
    new AutonamingOptions().setMode(mode).setProposedName(name);
  expect(await check(undefined)).toEqual([expect.stringMatching(/^analytics-[0-9a-f]{7}$/)]);
  expect(await check(proposal(PROPOSE, "shop-1"))).toEqual(["shop-1"]);
  expect(await check(proposal(ENFORCE, "shop-1"))).toEqual(["shop-1"]);
  expect(
    await check(proposal(PROPOSE, "shop-1"), { name: "kept", location: "lhr", __provider: "…" }),
  ).toEqual(["kept"]);
  expect(await check(proposal(DISABLE))).toEqual([message("pulumi:autonaming", "NAME_REQUIRED"), undefined]);
  expect(await check(proposal(PROPOSE, "a/b"))).toEqual([
    message("pulumi:autonaming.*'a/b'", "INVALID_INPUT"),
    undefined,
  ]);
});

describe("list", () => {
  type Query = Partial<{ token: string; query: object; limit: number; pageSize: number; from: string }>;

  /** What the method sends, and how it ends, as gRPC receives it. */
  async function list(service: Service, { token = "turso:index:Group", query = {}, ...page }: Query = {}) {
    const request = new pb.ListRequest()
      .setToken(token)
      .setQuery(struct(query))
      .setLimit(page.limit ?? 0)
      .setPageSize(page.pageSize ?? 0)
      .setContinuationToken(page.from ?? "");
    const sent: pb.ListResponse.AsObject[] = [];
    await new Promise<void>((resolve, reject) => {
      const write = (response: pb.ListResponse) => sent.push(response.toObject());
      void service.list({ request, write, emit: (_event, error) => reject(error), end: resolve });
    });
    return {
      ids: sent.flatMap(({ result }) => (result ? [result.id] : [])),
      next: sent.find(({ continuation }) => continuation)?.continuation?.continuationToken,
      computed: sent.some(({ computed }) => computed),
    };
  }

  async function withGroups(...names: string[]): Promise<Service> {
    const emulator = await emulate();
    for (const name of names) emulator.store.account("acme").createGroup({ name, location: "lhr" });
    return configured({ baseUrl: emulator.url, apiToken: TOKEN, organization: "acme" });
  }

  test("returns the IDs of an organization's groups in pages of the wanted size, up to the limit", async () => {
    const service = await withGroups("a", "b", "c");
    expect(await list(service)).toEqual({ ids: ["acme/a", "acme/b", "acme/c"], computed: false });
    expect(await list(service, { query: { organization: "other" } })).toMatchObject({ ids: [] });
    const first = await list(service, { pageSize: 2 });
    expect(first).toMatchObject({ ids: ["acme/a", "acme/b"], next: "2" });
    const second = await list(service, { pageSize: 2, from: "2" });
    expect(second).toEqual({ ids: ["acme/c"], computed: false });
    expect(await list(service, { limit: 2, pageSize: 2 })).toEqual({
      ids: ["acme/a", "acme/b"],
      computed: false,
    });
  });

  test("is unknown if the organization is, and refuses what it cannot list or does not know", async () => {
    const service = await withGroups("a");
    expect(await list(service, { query: { organization: UNKNOWN } })).toEqual({ ids: [], computed: true });
    for (const [query, code] of [
      [{ token: "turso:index:GroupToken" }, "NOT_SUPPORTED"],
      [{ token: "turso:index:Nothing" }, "NOT_SUPPORTED"],
      [{ query: { organisation: "acme" } }, "UNKNOWN_ARGUMENT"],
      [{ query: { organization: "a/b" } }, "INVALID_INPUT"],
    ] as const)
      await expect(list(service, query)).rejects.toMatchObject({
        details: expect.stringContaining(`[${code}]`),
      });
  });
});

test("an update that would have to replace the group is refused, and the next one is not", async () => {
  const emulator = await emulate();
  emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
  const service = await configured({ baseUrl: emulator.url, apiToken: TOKEN, organization: "acme" });
  const read = await call(service.read, new pb.ReadRequest().setUrn(URN).setId("acme/prod"));
  const change = async (changes: object) => {
    const inputs = read.getInputs()?.toJavaScript();
    const news = struct({ ...inputs, ...changes });
    const diff = new pb.DiffRequest().setUrn(URN).setOlds(read.getProperties()).setNews(news);
    await call(service.diff, diff.setOldInputs(read.getInputs()));
    const update = new pb.UpdateRequest().setUrn(URN).setId("acme/prod");
    return call(service.update, update.setOlds(read.getProperties()).setNews(news));
  };
  await expect(change({ location: "ams" })).rejects.toMatchObject({
    details: message("location.*'acme/prod'", "NOT_SUPPORTED"),
  });
  const updated = await change({ deleteProtection: true });
  expect(updated.getProperties()?.toJavaScript()).toMatchObject({ location: "lhr", protected: true });
});
