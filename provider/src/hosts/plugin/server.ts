/** The native plugin: runs the lifecycles for the engine over gRPC. No rule of a resource is written here. */
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { explainsItself, messageOf, missingError, shownFailure, UserError } from "../../lifecycle/errors.js";
import { checkArguments } from "../../lifecycle/function.js";
import { outputsThat } from "../../lifecycle/inputs.js";
import { type AnyLifecycle, LIST_ARGS, NO_NAME } from "../../lifecycle/lifecycle.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { parseUrn } from "../../lifecycle/urn.js";
import type { State } from "../../lifecycle/values.js";
import * as all from "../../resources/list.js";
import { version } from "../../version.js";
import { fromStruct, plain, toStruct, withSecrets } from "../values.js";
import { configurationMethods } from "./configuration.js";
import { diffResponse } from "./diff.js";
import type { EngineLog } from "./log.js";
import { Session } from "./session.js";

/** Serves one provider: the engine starts a process for each. */
export function pluginService(log: EngineLog, schema: string) {
  const session = new Session(log);
  return {
    ...processMethods(session, schema),
    ...configurationMethods(session),
    ...resourceMethods(session),
    invoke: session.unary((request: pb.InvokeRequest) => invoke(session, request)),
    list: session.streaming((request: pb.ListRequest) => list(session, request)),
  };
}

/** The methods about the plugin itself. */
function processMethods(session: Session, schema: string) {
  return {
    handshake: session.unary((request: pb.ProviderHandshakeRequest) => {
      session.connect(request.getEngineAddress());
      return new pb.ProviderHandshakeResponse().setSupportsAutonamingConfiguration(true);
    }),

    attach: session.unary((request: { getAddress(): string }) => {
      session.connect(request.getAddress());
      return new Empty();
    }),

    getPluginInfo: session.unary(() => new PluginInfo().setVersion(version)),
    getSchema: session.unary(() => new pb.GetSchemaResponse().setSchema(schema)),

    // The engine sends this on Ctrl-C, and at the end of every command.
    cancel: session.unary(() => {
      session.cancel();
      return new Empty();
    }),
  };
}

/** The methods that run a lifecycle. */
function resourceMethods(session: Session) {
  return {
    check: session.unary((request: pb.CheckRequest) => check(session, request)),
    diff: session.unary((request: pb.DiffRequest) => diff(session, request)),
    create: session.unary((request: pb.CreateRequest) => create(session, request), secretsOf),
    read: session.unary((request: pb.ReadRequest) => read(session, request), secretsOf),
    update: session.unary((request: pb.UpdateRequest) => update(session, request), secretsOf),
    delete: session.unary(async (request: pb.DeleteRequest) => {
      const olds = fromStruct(request.getProperties());
      await lifecycleOf(request).delete(session.context(request.getUrn()), olds);
      return new Empty();
    }),
  };
}

async function check(session: Session, request: pb.CheckRequest): Promise<pb.CheckResponse> {
  const urn = request.getUrn();
  // A stack that was moved from the dynamic provider still has `__provider`.
  const { __provider: _, ...olds } = fromStruct(request.getOlds());
  const { __dryRun, __provider, ...news } = fromStruct(request.getNews());
  const proposed = proposedName(request);
  try {
    const { inputs, failures } = await lifecycleOf(request).check(session.context(urn), {
      olds: Object.keys(olds).length === 0 ? undefined : olds,
      news,
      resource: parseUrn(urn),
      ...(proposed && { proposedName: proposed }),
      ...(typeof __dryRun === "boolean" && { preview: __dryRun }),
    });
    const list = failures
      .map(shownFailure)
      .map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason));
    return new pb.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(list);
  } catch (error) {
    if (!explainsItself(error)) throw error;
    const message = messageOf(session.explained(error)).toWellFormed();
    const failure = new pb.CheckFailure().setReason(message);
    return new pb.CheckResponse().setInputs(toStruct(news)).setFailuresList([failure]);
  }
}

function proposedName(request: pb.CheckRequest): string | typeof NO_NAME | undefined {
  const autonaming = request.getAutonaming();
  const { DISABLE } = pb.CheckRequest.AutonamingOptions.Mode;
  return autonaming?.getMode() === DISABLE ? NO_NAME : autonaming?.getProposedName();
}

function diff({ log, ownership, replaces }: Session, request: pb.DiffRequest): pb.DiffResponse {
  const lifecycle = lifecycleOf(request);
  const news = fromStruct(request.getNews());
  const olds = fromStruct(request.getOlds());
  const oldInputs = fromStruct(request.getOldInputs());
  const warn = (message: string) => log.warn(request.getUrn(), message);
  const result = lifecycle.diff({ warn, ownership }, olds, news);
  replaces.set(request.getUrn(), result.replaces);
  return diffResponse(lifecycle, result, { olds, oldInputs, news });
}

async function create(session: Session, request: pb.CreateRequest): Promise<pb.CreateResponse> {
  const lifecycle = lifecycleOf(request);
  const context = session.context(request.getUrn());
  const inputs = fromStruct(request.getProperties());
  if (request.getPreview()) {
    lifecycle.warnInPreview?.(context, undefined, inputs);
    const outputs = lifecycle.previewOutputs?.(undefined, inputs) ?? inputs;
    return new pb.CreateResponse().setProperties(toStruct(outputs));
  }
  const { id, outputs } = await lifecycle.create(context, inputs);
  return new pb.CreateResponse().setId(id).setProperties(outputStruct(lifecycle, outputs));
}

/** Refresh sends state. Import and get send nothing: then the ID alone identifies the resource. */
async function read(session: Session, request: pb.ReadRequest): Promise<pb.ReadResponse> {
  const lifecycle = lifecycleOf(request);
  const olds = fromStruct(request.getProperties());
  const known = Object.keys(olds).length === 0 ? undefined : olds;
  const found = await lifecycle.read(session.context(request.getUrn()), request.getId(), known);
  if (found === undefined && known === undefined)
    throw missingError(lifecycle.resource.name, request.getId());
  if (found === undefined) return new pb.ReadResponse();
  return new pb.ReadResponse()
    .setId(found.id)
    .setInputs(toStruct(found.inputs))
    .setProperties(outputStruct(lifecycle, found.outputs));
}

async function update(session: Session, request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
  const lifecycle = lifecycleOf(request);
  const [replaced] = session.replaces.get(request.getUrn()) ?? [];
  if (replaced !== undefined)
    throw new UserError(
      "NOT_SUPPORTED",
      `Changing ${replaced} replaces ${lifecycle.resource.name} '${request.getId()}', so it cannot be updated.\nDelete it and create another one, or change it in a program.`,
    );
  const context = session.context(request.getUrn());
  const olds = fromStruct(request.getOlds());
  const news = fromStruct(request.getNews());
  if (request.getPreview()) lifecycle.warnInPreview?.(context, olds, news);
  const outputs = request.getPreview()
    ? (lifecycle.previewOutputs?.(olds, news) ?? { ...olds, ...news })
    : await lifecycle.update?.(context, request.getId(), olds, news);
  return new pb.UpdateResponse().setProperties(outputStruct(lifecycle, outputs ?? olds));
}

const functions = new Map(all.functions.map((fn) => [`turso:index:${fn.name}`, fn]));

async function invoke(session: Session, request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
  const fn = functions.get(request.getTok());
  if (fn === undefined) throw new UserError("NOT_SUPPORTED", `There is no function ${request.getTok()}.`);
  const result = await fn.run(session.context(""), plain(fromStruct(request.getArgs())) as State);
  return new pb.InvokeResponse().setReturn(toStruct(result));
}

/**
 * What exists of a type, in pages of the size that the caller wants. A continuation token is the number of
 * those that it has.
 */
async function list(session: Session, request: pb.ListRequest): Promise<pb.ListResponse[]> {
  const lifecycle = lifecycleFor(request.getToken());
  if (lifecycle.list === undefined)
    throw new UserError("NOT_SUPPORTED", `The Turso API cannot list a ${lifecycle.resource.name}.`);
  const args = plain(fromStruct(request.getQuery())) as State;
  if (Object.values(args).includes(UNKNOWN))
    return [new pb.ListResponse().setComputed(new pb.ListResponse.Computed())];
  checkArguments(`The list of ${lifecycle.resource.name}`, LIST_ARGS, args);
  const everything = await lifecycle.list(session.context(""), args);
  const wanted = everything.slice(0, request.getLimit() || undefined);
  const start = Number(request.getContinuationToken());
  const end = request.getPageSize() > 0 ? start + request.getPageSize() : wanted.length;
  const responses = wanted.slice(start, end).map(({ id, name }) => {
    const result = new pb.ListResponse.Result().setId(id).setName(name);
    return new pb.ListResponse().setResult(result);
  });
  if (end >= wanted.length) return responses;
  const next = new pb.ListResponse.Continuation().setContinuationToken(String(end));
  return [...responses, new pb.ListResponse().setContinuation(next)];
}

const byToken = new Map(
  all.lifecycles.map((lifecycle) => [`turso:index:${lifecycle.resource.name}`, lifecycle]),
);

function lifecycleFor(token: string): AnyLifecycle {
  const lifecycle = byToken.get(token);
  if (lifecycle === undefined) throw new UserError("NOT_SUPPORTED", `There is no resource type ${token}.`);
  return lifecycle;
}

/** A request about one resource. */
interface OfResource {
  getUrn(): string;
}

const lifecycleOf = (request: OfResource) => lifecycleFor(parseUrn(request.getUrn()).type);

const secretOutputs = ({ resource }: AnyLifecycle) => outputsThat(resource, ({ secret }) => secret === true);

const outputStruct = (lifecycle: AnyLifecycle, outputs: object) =>
  toStruct(withSecrets(outputs, secretOutputs(lifecycle)));

function secretsOf(request: OfResource): string[] {
  const lifecycle = byToken.get(parseUrn(request.getUrn()).type);
  return lifecycle === undefined ? [] : secretOutputs(lifecycle);
}
