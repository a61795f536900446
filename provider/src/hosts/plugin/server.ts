/** The native plugin: runs the lifecycles for the engine over gRPC. No rule of a resource is written here. */

import { isDeepStrictEqual } from "node:util";
import type * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { createClient, type TursoClient } from "../../api/index.js";
import { collectionsOf, previewOptions } from "../../lifecycle/collection.js";
import { explainsItself, messageOf, shownFailure, UserError } from "../../lifecycle/errors.js";
import { outputsThat } from "../../lifecycle/inputs.js";
import { type AnyLifecycle, type Context, NO_NAME } from "../../lifecycle/lifecycle.js";
import { engineAddress, Ownership } from "../../lifecycle/ownership.js";
import {
  explained,
  readSettings,
  SETTINGS,
  unknownArguments,
  unknownKeys,
} from "../../lifecycle/settings.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { parseUrn } from "../../lifecycle/urn.js";
import type { State } from "../../lifecycle/values.js";
import * as all from "../../resources/list.js";
import { userAgent, version } from "../../version.js";
import { failureOf } from "./failure.js";
import type { EngineLog } from "./log.js";
import { fromStruct, plain, toStruct, withSecrets } from "./values.js";

const byToken = new Map(
  all.lifecycles.map((lifecycle) => [`turso:index:${lifecycle.resource.name}`, lifecycle]),
);
const functions = new Map(all.functions.map((fn) => [`turso:index:${fn.name}`, fn]));

/** How long a request may still take after Ctrl-C, in milliseconds. */
const GRACE = 600;

const SECRET_SETTINGS = Object.entries(SETTINGS).flatMap(([name, setting]) =>
  "secret" in setting ? [name] : [],
);

/** Settings that the engine adds itself. */
const ENGINES = ["version", "pluginDownloadURL"];

/**
 * Whether it is the default provider, which the engine configures from stack configuration, e.g.
 * `default_0_1_0`.
 */
const isDefault = (name: string) => /^default(_|$)/.test(name);

const secretOutputs = ({ resource }: AnyLifecycle) => outputsThat(resource, ({ secret }) => secret === true);

const stableOutputs = ({ resource }: AnyLifecycle) => [
  ...outputsThat(resource, ({ stable }) => stable === true),
  ...Object.keys(resource.inputs).filter((key) => resource.inputs[key]?.stable),
];

type Unary<Q, R> = grpc.handleUnaryCall<Q, R>;

/** Serves one provider: the engine starts a process for each. */
export function pluginService(log: EngineLog, schema: string) {
  let config: State = {};
  /** Name of the explicit provider that this process serves; undefined for the default provider. */
  let provider: string | undefined;
  let shared:
    | (Pick<Context, "collection" | "organization" | "deleteProtection"> & {
        clientOf(signal: () => AbortSignal): TursoClient;
      })
    | undefined;
  let engine = engineAddress();
  let ownership = new Ownership(engine);
  let abort = new AbortController();

  const setting = (key: string) => text(config[key.replace(/^turso:/, "")]);
  const context = (urn: string): Context => {
    if (shared === undefined) {
      // Explicit providers have their own settings. Environment variables fill in what they leave out.
      const settings = readSettings(setting, process.env, provider);
      const { baseUrl, token, requests, organization, deleteProtection } = settings;
      const options = {
        baseUrl,
        token,
        userAgent,
        onWait: (reason: string) => log.warn("", reason),
        ...requests,
      };
      const clientOf = (signal: () => AbortSignal) => createClient({ ...options, signal });
      // All calls share the lists, so a list has no signal of one call.
      const signal = () => abort.signal;
      const collection = collectionsOf(
        clientOf(signal),
        createClient({ ...previewOptions(options), signal }),
      );
      shared = { clientOf, collection, organization, deleteProtection };
    }
    const { clientOf, ...rest } = shared;
    // After a stop, calls in progress make no further requests, but later calls do.
    const { signal } = abort;
    const warn = (message: string) => log.warn(urn, message);
    return { ...rest, api: clientOf(() => signal), ownership, signal, warn };
  };

  /** One method. Its response is sent after all messages; an error is sent as a readable message. */
  function answer<Q, R>(
    work: (request: Q) => Promise<R> | R,
    secrets?: (request: Q) => readonly string[],
  ): Unary<Q, R> {
    return async (call, callback) => {
      try {
        const response = await work(call.request);
        await log.flush();
        callback(null, response);
      } catch (error) {
        await log.flush();
        callback(failureOf(explained(error, setting, provider), secrets?.(call.request)));
      }
    };
  }

  /** Connects to an engine. A plugin that is started by hand (`attach`) serves several, one after another. */
  const connect = (address: string) => {
    log.connect(address);
    if (address === engine) return;
    engine = address;
    ownership = new Ownership(engine);
  };

  const lifecycleOf = (urn: string): AnyLifecycle => {
    const { type } = parseUrn(urn);
    const lifecycle = byToken.get(type);
    if (lifecycle === undefined) throw new UserError("NOT_SUPPORTED", `There is no resource type ${type}.`);
    return lifecycle;
  };
  const secretsOf = (request: { getUrn(): string }) => {
    const lifecycle = byToken.get(parseUrn(request.getUrn()).type);
    return lifecycle === undefined ? [] : secretOutputs(lifecycle);
  };

  return {
    handshake: answer((request: pb.ProviderHandshakeRequest) => {
      connect(request.getEngineAddress());
      return new pb.ProviderHandshakeResponse().setSupportsAutonamingConfiguration(true);
    }),

    getPluginInfo: answer(() => new PluginInfo().setVersion(version)),
    getSchema: answer(() => new pb.GetSchemaResponse().setSchema(schema)),
    attach: answer((request: { getAddress(): string }) => {
      connect(request.getAddress());
      return new Empty();
    }),

    checkConfig: answer((request: pb.CheckRequest) => {
      const news = plain(fromStruct(request.getNews())) as State;
      const { project, name } = parseUrn(request.getUrn());
      const names = Object.keys(news).filter((key) => !ENGINES.includes(key) && !key.startsWith("__"));
      if (isDefault(name)) {
        for (const warning of unknownKeys(
          names.map((key) => `turso:${key}`),
          project,
        ))
          log.warn(request.getUrn(), warning);
      }
      // The failures name no property, because the engine would show its value, which may be a token.
      const failures = (isDefault(name) ? [] : unknownArguments(names)).map((reason) =>
        new pb.CheckFailure().setReason(reason),
      );
      try {
        readSettings((key) => text(news[key.replace(/^turso:/, "")]));
      } catch (error) {
        failures.push(new pb.CheckFailure().setReason(messageOf(error)));
      }
      // State records what is returned here. Tokens become secrets, even if the program set them in plain
      // text.
      return new pb.CheckResponse()
        .setInputs(toStruct(withSecrets(news, SECRET_SETTINGS)))
        .setFailuresList(failures);
    }),

    // Another token or organization does not replace the resources of the provider.
    diffConfig: answer((request: pb.DiffRequest) => {
      const same = isDeepStrictEqual(
        plain(fromStruct(request.getOlds())),
        plain(fromStruct(request.getNews())),
      );
      const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
      return new pb.DiffResponse().setChanges(same ? DIFF_NONE : DIFF_SOME);
    }),

    configure: answer((request: pb.ConfigureRequest) => {
      config = plain(fromStruct(request.getArgs())) as State;
      // Not every command sends a URN. Without one, the name is "".
      const { name } = parseUrn(request.getUrn() ?? "");
      provider = name === "" || isDefault(name) ? undefined : name;
      shared = undefined;
      return new pb.ConfigureResponse().setSupportspreview(true).setSupportsAutonamingConfiguration(true);
    }),

    check: answer(async (request: pb.CheckRequest) => {
      const resource = parseUrn(request.getUrn());
      // A stack that was moved from the dynamic provider still has `__provider`.
      const { __provider: _, ...olds } = fromStruct(request.getOlds());
      const { __dryRun, __provider, ...news } = fromStruct(request.getNews());
      const autonaming = request.getAutonaming();
      const { DISABLE } = pb.CheckRequest.AutonamingOptions.Mode;
      const proposed = autonaming?.getMode() === DISABLE ? NO_NAME : autonaming?.getProposedName();
      try {
        const { inputs, failures } = await lifecycleOf(request.getUrn()).check(context(request.getUrn()), {
          olds: Object.keys(olds).length === 0 ? undefined : olds,
          news,
          resource,
          ...(proposed && { proposedName: proposed }),
          ...(typeof __dryRun === "boolean" && { preview: __dryRun }),
        });
        const list = failures
          .map(shownFailure)
          .map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason));
        return new pb.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(list);
      } catch (error) {
        if (!explainsItself(error)) throw error;
        const message = messageOf(explained(error, setting, provider)).toWellFormed();
        const failure = new pb.CheckFailure().setReason(message);
        return new pb.CheckResponse().setInputs(toStruct(news)).setFailuresList([failure]);
      }
    }),

    diff: answer((request: pb.DiffRequest) => {
      const lifecycle = lifecycleOf(request.getUrn());
      const news = fromStruct(request.getNews());
      const olds = fromStruct(request.getOlds());
      const oldInputs = fromStruct(request.getOldInputs());
      const warn = (message: string) => log.warn(request.getUrn(), message);
      const { changes, replaces, deleteBeforeReplace } = lifecycle.diff({ warn, ownership }, olds, news);
      const response = new pb.DiffResponse()
        .setChanges(changes ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE)
        .setReplacesList(replaces)
        .setDeletebeforereplace(deleteBeforeReplace)
        .setStablesList(replaces.length > 0 ? [] : stableOutputs(lifecycle))
        .setHasdetaileddiff(true);
      if (!changes) return response;
      const declared = changedKeys(oldInputs, news);
      // If no input has changed, a failed update left something undone.
      const undone =
        declared.length + replaces.length === 0 ? changedKeys(olds, news, Object.keys(news)) : [];
      const keys = [...new Set([...declared, ...undone, ...replaces])];
      for (const key of keys) {
        const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = pb.PropertyDiff.Kind;
        // If no input shows the reason (for example, a token is due for renewal), it is shown at an output.
        const inInputs = declared.includes(key);
        const before = inInputs ? oldInputs : olds;
        const [kind, replace] = !(key in before)
          ? [ADD, ADD_REPLACE]
          : key in news || !inInputs
            ? [UPDATE, UPDATE_REPLACE]
            : [DELETE, DELETE_REPLACE];
        response
          .getDetaileddiffMap()
          .set(
            key,
            new pb.PropertyDiff().setInputdiff(inInputs).setKind(replaces.includes(key) ? replace : kind),
          );
      }
      return response.setDiffsList(keys);
    }),

    create: answer(async (request: pb.CreateRequest) => {
      const lifecycle = lifecycleOf(request.getUrn());
      const inputs = fromStruct(request.getProperties());
      if (request.getPreview()) {
        lifecycle.warnInPreview?.(context(request.getUrn()), undefined, inputs);
        return new pb.CreateResponse().setProperties(
          toStruct(lifecycle.previewOutputs?.(undefined, inputs) ?? inputs),
        );
      }
      const { id, outputs } = await lifecycle.create(context(request.getUrn()), inputs);
      return new pb.CreateResponse()
        .setId(id)
        .setProperties(toStruct(withSecrets(outputs, secretOutputs(lifecycle))));
    }, secretsOf),

    // Refresh sends state. Import and get send nothing: then the ID alone identifies the resource.
    read: answer(async (request: pb.ReadRequest) => {
      const lifecycle = lifecycleOf(request.getUrn());
      const olds = fromStruct(request.getProperties());
      const known = Object.keys(olds).length === 0 ? undefined : olds;
      const found = await lifecycle.read(context(request.getUrn()), request.getId(), known);
      if (found === undefined && known === undefined)
        throw new UserError(
          "NOT_FOUND",
          `${lifecycle.resource.name} '${request.getId()}' does not exist.\nCheck the name and the organization.`,
        );
      if (found === undefined) return new pb.ReadResponse();
      return new pb.ReadResponse()
        .setId(found.id)
        .setInputs(toStruct(found.inputs))
        .setProperties(toStruct(withSecrets(found.outputs, secretOutputs(lifecycle))));
    }, secretsOf),

    update: answer(async (request: pb.UpdateRequest) => {
      const lifecycle = lifecycleOf(request.getUrn());
      const olds = fromStruct(request.getOlds());
      const news = fromStruct(request.getNews());
      if (request.getPreview()) lifecycle.warnInPreview?.(context(request.getUrn()), olds, news);
      const outputs = request.getPreview()
        ? (lifecycle.previewOutputs?.(olds, news) ?? { ...olds, ...news })
        : await lifecycle.update?.(context(request.getUrn()), request.getId(), olds, news);
      return new pb.UpdateResponse().setProperties(
        toStruct(withSecrets(outputs ?? olds, secretOutputs(lifecycle))),
      );
    }, secretsOf),

    delete: answer(async (request: pb.DeleteRequest) => {
      const olds = fromStruct(request.getProperties());
      await lifecycleOf(request.getUrn()).delete(context(request.getUrn()), olds);
      return new Empty();
    }),

    invoke: answer(async (request: pb.InvokeRequest) => {
      const fn = functions.get(request.getTok());
      if (fn === undefined) throw new UserError("NOT_SUPPORTED", `There is no function ${request.getTok()}.`);
      const result = await fn.run(context(""), plain(fromStruct(request.getArgs())) as State);
      return new pb.InvokeResponse().setReturn(toStruct(result));
    }),

    // The engine sends this on Ctrl-C, and at the end of every command. Calls in progress stop, later calls
    // do not. A request gets a moment to finish, because the outcome of an interrupted request is unknown.
    cancel: answer(() => {
      const inProgress = abort;
      abort = new AbortController();
      setTimeout(() => inProgress.abort(), GRACE).unref();
      return new Empty();
    }),
  };
}

/** A setting as text, as stack configuration has it: explicit providers may send a boolean or a map. */
function text(value: unknown): string | undefined {
  // If a provider's settings come from another resource, a preview may not know them yet.
  if (value === undefined || value === null || value === UNKNOWN) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The properties whose values differ, without those that a lifecycle or host keeps for itself. */
function changedKeys(
  before: State,
  now: State,
  keys = [...new Set([...Object.keys(before), ...Object.keys(now)])],
): string[] {
  return keys.filter((key) => !key.startsWith("__") && !isDeepStrictEqual(before[key], now[key]));
}
