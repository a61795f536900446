/** One run of a program: what the engine and the providers do with its resources. */
import * as pulumi from "@pulumi/pulumi";
import * as pb from "@pulumi/pulumi/proto/resource_pb.js";
import { fromStruct, plain, secret, toStruct } from "../hosts/values.js";
import {
  type CheckFailure,
  messageOf,
  missingError,
  PartialError,
  shownFailure,
} from "../lifecycle/errors.js";
import { outputsThat } from "../lifecycle/inputs.js";
import type { AnyLifecycle } from "../lifecycle/lifecycle.js";
import { readSettings, unknownArguments } from "../lifecycle/settings.js";
import { UNKNOWN } from "../lifecycle/unknown.js";
import { type Properties, type State, sameValue } from "../lifecycle/values.js";
import { functions, lifecycles } from "../resources/list.js";
import { failureOf, Host, type HostOptions, type Provider } from "./host.js";
import { alwaysEngineOptions, engineOptions, notMocked } from "./options.js";
import type { ChangedResource, MockedResource, MockResult, Refusal } from "./result.js";

const TOO_LATE =
  "The program registered a resource after mock.run had ended. Return or await the promise or output that does this.";

const DYNAMIC = "pulumi-nodejs:dynamic/turso:";
const NATIVE = "turso:index:";
const PROVIDER = "pulumi:providers:turso";
const STACK_REFERENCE = "pulumi:pulumi:StackReference";

const byToken = new Map(
  lifecycles.flatMap((lifecycle) =>
    [DYNAMIC, NATIVE].map((prefix) => [`${prefix}${lifecycle.resource.name}`, lifecycle] as const),
  ),
);
const functionsByToken = new Map(functions.map((fn) => [`${NATIVE}${fn.name}`, fn]));

/** What the stack's state has of a resource. */
interface StateOfResource extends MockedResource {
  id: string;
  inputs: State;
  outputs: State;
  /** A resource of this package. */
  managed?: { lifecycle: AnyLifecycle; provider: Provider };
  /** The URNs of the resources that an input comes from. */
  dependencies?: Readonly<Record<string, readonly string[]>>;
  /** A create or update was completed only in part. */
  isPartial?: true;
  /** It was replaced, but could not be deleted. */
  isReplaced?: true;
}

export type StackState = ReadonlyMap<string, StateOfResource>;

/** What other providers do. */
export interface OtherProviders {
  stackReferences: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  newResource?: pulumi.runtime.Mocks["newResource"] | undefined;
  call?: pulumi.runtime.Mocks["call"] | undefined;
}

export interface DeploymentOptions extends Omit<HostOptions, "warn"> {
  state: StackState;
  defaultProvider: Provider;
  others: OtherProviders;
}

type Callback<R> = (error: Error | null, response: R | undefined) => void;

export class Deployment {
  readonly result: Omit<MockResult, "outputs"> = {
    created: [],
    updated: [],
    replaced: [],
    deleted: [],
    unchanged: [],
    refused: [],
    warnings: [],
  };
  /** The state after the run. */
  readonly state = new Map<string, StateOfResource>();
  /** Whether check has refused a resource: then `pulumi up` ends with its preview. */
  isRefused = false;
  /** Whether the program has registered or read anything. */
  isUsed = false;
  /** Why the run cannot be mocked. */
  readonly errors: unknown[] = [];
  readonly #options: DeploymentOptions;
  readonly #host: Host;
  readonly #urns = new Set<string>();
  readonly #providers = new Map<string, Provider>();
  /** Writes that failed. `up` does not get to them if its preview is refused. */
  readonly #failed: Refusal[] = [];
  /** Which resources were not written, because a write failed: theirs, or that of what they depend on. */
  readonly #unwritten = new Set<string>();
  /** What is deleted before it is replaced. */
  readonly #deletedFirst = new Set<string>();
  /** What a replacement leaves to delete. */
  readonly #replaced: StateOfResource[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(options: DeploymentOptions) {
    this.#options = options;
    this.#host = new Host({ ...options, warn: (message) => this.warn(message) });
  }

  /** Shows a warning once. */
  warn(message: string): void {
    const { warnings } = this.result;
    if (!warnings.includes(message)) warnings.push(message);
  }

  /** The methods of the SDK's monitor that this run answers. */
  monitor() {
    return {
      registerResource: answer((request: pb.RegisterResourceRequest) =>
        this.#unlessFailed(() => this.#register(request), unknown(new pb.RegisterResourceResponse())),
      ),
      readResource: answer((request: pb.ReadResourceRequest) =>
        this.#unlessFailed(() => this.#read(request), new pb.ReadResourceResponse()),
      ),
      registerResourceOutputs: answer(async () => ({})),
      registerStackTransform: answer(() => this.#refuseProgram("a stack transform")),
      registerStackInvokeTransform: answer(() => this.#refuseProgram("a stack transform")),
      registerResourceHook: answer(() => this.#refuseProgram("a resource hook")),
      registerErrorHook: answer(() => this.#refuseProgram("an error hook")),
      invoke: answer((request: pb.ResourceInvokeRequest) => this.#invoke(request)),
    };
  }

  /** Deletes what the program no longer has, as the engine does at the end of an operation. */
  async finish(): Promise<void> {
    this.#isOver = true;
    const removed = [...this.#options.state.values()].filter(
      ({ urn, isReplaced }) => isReplaced === true || !this.#urns.has(urn),
    );
    for (const resource of [...removed, ...this.#replaced].reverse()) {
      if (!this.#replaced.includes(resource)) this.result.deleted.push(shown(resource));
      if (this.#isPlanOnly || (await this.#delete(resource))) continue;
      const isReplaced = resource.isReplaced || this.#replaced.includes(resource);
      // The URN is that of the new resource.
      if (isReplaced) this.state.set(`${resource.urn} ${resource.id}`, { ...resource, isReplaced });
      else this.state.set(resource.urn, resource);
    }
    if (!this.isRefused) this.result.refused.push(...this.#failed);
    // The SDK registers resources in no certain order.
    const { created, updated, replaced, deleted, unchanged, refused } = this.result;
    for (const resources of [created, updated, replaced, deleted, unchanged, refused])
      resources.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  get #isPlanOnly(): boolean {
    return this.isRefused || this.#options.preview === true;
  }

  /** An error of the mock itself ends the run, and does not reject the outputs of each resource. */
  async #unlessFailed<R>(work: () => Promise<R>, otherwise: R): Promise<R> {
    // Nobody waits for the run any more: the rejection that follows makes the test framework fail.
    if (this.#isOver) throw new Error(TOO_LATE);
    try {
      return await work();
    } catch (error) {
      this.errors.push(error);
      this.isRefused = true;
      return otherwise;
    }
  }

  async #register(request: pb.RegisterResourceRequest): Promise<pb.RegisterResourceResponse> {
    const type = request.getType();
    const name = request.getName();
    const urn = urnOf(request);
    const response = new pb.RegisterResourceResponse().setUrn(urn).setObject(request.getObject());
    if (type === "pulumi:pulumi:Stack") return response;
    this.isUsed = true;
    if (this.#urns.has(urn))
      throw new Error(`Two resources have the URN ${urn}. Give one of them another name.`);
    this.#urns.add(urn);
    this.#refuseOptions(request, name);
    const lifecycle = byToken.get(type);
    if (lifecycle !== undefined) return this.#manage(lifecycle, request, response);
    if (!request.getCustom()) return response;
    if (type === PROVIDER)
      return response.setId(this.#addProvider(urn, name, fromStruct(request.getObject())));
    return this.#passThrough(request, response);
  }

  #refuseOptions(request: pb.RegisterResourceRequest, name: string): void {
    const isFirst = this.#options.state.size === 0;
    const isOwn = request.getType().startsWith(NATIVE) && byToken.has(request.getType());
    const onState = isFirst ? [] : engineOptions(request, isOwn ? 1 : 0);
    const [option] = [...alwaysEngineOptions(request), ...onState];
    if (option !== undefined) throw notMocked(`Resource '${name}'`, `the option \`${option}\``);
  }

  async #refuseProgram(what: string) {
    this.errors.push(notMocked("The program", what));
    return {};
  }

  /** An explicit provider. Its settings are checked as the plugin does. */
  #addProvider(urn: string, name: string, given: State): string {
    const inputs = plain(given) as State;
    const names = Object.keys(inputs).filter((key) => key !== "version");
    const config: Provider["config"] = (key) => {
      const value = inputs[key.slice("turso:".length)];
      return typeof value === "string" && value !== UNKNOWN ? value : undefined;
    };
    const resource = { urn, name, type: PROVIDER };
    for (const text of unknownArguments(names)) {
      const reason = text.replace(/ \[UNKNOWN_ARGUMENT\]/, "");
      this.#refuse(resource, { property: "", code: "UNKNOWN_ARGUMENT", reason });
    }
    try {
      readSettings(config, this.#options.env, name);
    } catch (error) {
      this.#refuse(resource, failureOf(error, { config, name }));
    }
    this.#providers.set(urn, { config, name });
    return `${name}-id`;
  }

  #providerOf(reference: string): Provider {
    return (
      this.#providers.get(reference.slice(0, reference.lastIndexOf("::"))) ?? this.#options.defaultProvider
    );
  }

  async #manage(
    lifecycle: AnyLifecycle,
    request: pb.RegisterResourceRequest,
    response: pb.RegisterResourceResponse,
  ): Promise<pb.RegisterResourceResponse> {
    const urn = response.getUrn();
    const raw = fromStruct(request.getObject());
    const { __context, __provider, __dryRun, ...news } = plain(raw) as State;
    const provider = this.#providerOf(request.getProvider());
    const resource = { name: request.getName(), type: lifecycle.resource.name, urn };
    const before = this.#stateOf(urn);
    const { inputs, failures, diff } = await this.#inTurn(() =>
      this.#host.decide(lifecycle, provider, { urn, news, state: before, lost: this.#lostInputs(before) }),
    );
    for (const failure of failures) this.#refuse(resource, failure);
    const secrets = [
      ...Object.keys(raw).filter((key) => hasSecret(raw[key])),
      ...outputsThat(lifecycle.resource, (output) => output.secret === true),
    ];
    const respond = (id: string, outputs: State) =>
      response.setId(id).setObject(toStruct(withoutHidden(outputs, secrets)));
    const isUnchanged = before !== undefined && diff?.changes === false && before.isPartial !== true;
    if (failures.length === 0) this.#plan(resource, { before, diff, inputs, isUnchanged });
    if (this.#isPlanOnly && before !== undefined) this.state.set(urn, before);
    if (failures.length > 0) return unknown(respond("", unknownOutputs(lifecycle, news)));
    if (isUnchanged) {
      this.state.set(urn, { ...before, inputs, dependencies: dependenciesOf(request) });
      return respond(before.id, before.outputs);
    }
    const isReplaced = diff !== undefined && diff.replaces.length > 0;
    const deleteFirst = isReplaced && diff.deleteBeforeReplace;
    if (deleteFirst) this.#deletedFirst.add(urn);
    const after: StateOfResource = {
      ...resource,
      id: "",
      inputs,
      outputs: inputs,
      managed: { lifecycle, provider },
      dependencies: dependenciesOf(request),
    };
    const kept = isReplaced ? undefined : before;
    if (this.#isPlanOnly) {
      const isNative = request.getType().startsWith(NATIVE);
      const known = isNative ? lifecycle.previewOutputs?.(kept?.outputs, inputs) : undefined;
      const outputs = { ...unknownOutputs(lifecycle, inputs), ...known };
      return unknown(respond(kept?.id ?? "", outputs));
    }
    if (this.#dependsOnUnwritten(request)) {
      if (before !== undefined) this.state.set(urn, before);
    } else if (await this.#write(after, { before, kept, deleteFirst })) {
      return respond(after.id, after.outputs);
    }
    this.#unwritten.add(urn);
    return unknown(respond("", unknownOutputs(lifecycle, inputs)));
  }

  /** The inputs of a resource that come from what is deleted before it is replaced. */
  #lostInputs(before: StateOfResource | undefined): string[] {
    return Object.entries(before?.dependencies ?? {}).flatMap(([key, urns]) =>
      urns.some((urn) => this.#deletedFirst.has(urn)) ? [key] : [],
    );
  }

  /** Whether the engine does not get to a resource, because a write of what it depends on failed. */
  #dependsOnUnwritten(request: pb.RegisterResourceRequest): boolean {
    return [request.getParent(), ...request.getDependenciesList()].some((urn) => this.#unwritten.has(urn));
  }

  /** What state has of a resource; the native plugin takes over those of the dynamic provider. */
  #stateOf(urn: string): StateOfResource | undefined {
    const { state } = this.#options;
    const former = urn.replace(/turso:index:(?=\w+::)/, DYNAMIC);
    const found = state.get(urn) ?? state.get(former);
    if (found !== undefined) this.#urns.add(found.urn);
    return found && { ...found, urn };
  }

  #plan(
    resource: MockedResource,
    plan: Pick<Awaited<ReturnType<Host["decide"]>>, "diff" | "inputs"> & {
      before: StateOfResource | undefined;
      isUnchanged: boolean;
    },
  ): void {
    const { before, diff, inputs, isUnchanged } = plan;
    const { created, updated, replaced, unchanged } = this.result;
    if (before === undefined) created.push(resource);
    else if (isUnchanged) unchanged.push(resource);
    else if (diff !== undefined && diff.replaces.length > 0)
      replaced.push({ ...resource, properties: visible(diff.replaces) });
    else updated.push(changed(resource, before.inputs, inputs));
  }

  /** Creates or updates a resource at the emulator. False if that failed. */
  async #write(
    after: StateOfResource,
    how: { before: StateOfResource | undefined; kept: StateOfResource | undefined; deleteFirst: boolean },
  ): Promise<boolean> {
    const { before, kept, deleteFirst } = how;
    const { managed } = after;
    if (managed === undefined) return true;
    const { lifecycle, provider } = managed;
    try {
      if (kept === undefined) {
        if (before !== undefined && deleteFirst && !(await this.#delete(before))) {
          this.state.set(before.urn, before);
          return false;
        }
        Object.assign(after, await lifecycle.create(this.#host.context(provider), after.inputs));
        if (before !== undefined && !deleteFirst) this.#replaced.push(before);
      } else {
        const update = lifecycle.update?.(this.#host.context(provider), kept.id, kept.outputs, after.inputs);
        Object.assign(after, { id: kept.id, outputs: (await update) ?? kept.outputs });
      }
      this.state.set(after.urn, after);
      return true;
    } catch (error) {
      this.#failed.push(refusalOf(after, failureOf(error, provider)));
      if (error instanceof PartialError)
        this.state.set(after.urn, { ...after, id: error.id, outputs: { ...error.outputs }, isPartial: true });
      else if (before !== undefined && !deleteFirst) this.state.set(before.urn, before);
      return false;
    }
  }

  /** Deletes a resource at the emulator. False if that failed. */
  async #delete({ managed, outputs, ...resource }: StateOfResource): Promise<boolean> {
    if (managed === undefined) return true;
    const { lifecycle, provider } = managed;
    try {
      await lifecycle.delete(this.#host.context(provider), outputs);
      return true;
    } catch (error) {
      this.#failed.push(refusalOf(resource, failureOf(error, provider)));
      return false;
    }
  }

  /** A refusal ends `up` with its preview. */
  #refuse(resource: MockedResource, failure: CheckFailure): void {
    this.isRefused = true;
    this.result.refused.push(refusalOf(resource, failure));
  }

  /** The engine checks and diffs one resource after another. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** A resource of another provider: its outputs are its inputs, unless the test says otherwise. */
  async #passThrough(
    request: pb.RegisterResourceRequest,
    response: pb.RegisterResourceResponse,
  ): Promise<pb.RegisterResourceResponse> {
    const [type, name, urn] = [request.getType(), request.getName(), response.getUrn()];
    const before = this.#options.state.get(urn);
    const inputs = fromStruct(request.getObject());
    if (this.#dependsOnUnwritten(request)) {
      if (before !== undefined) this.state.set(urn, before);
      this.#unwritten.add(urn);
      return unknown(response);
    }
    const { newResource } = this.#options.others;
    const mocked = await newResource?.({
      type,
      name,
      inputs: known(plain(inputs)),
      provider: request.getProvider(),
      custom: true,
      id: "",
    });
    const outputs = (await pulumi.runtime.serializeProperties(name, mocked?.state ?? {})) as State;
    const all = { ...inputs, ...outputs };
    const id = mocked?.id ?? before?.id ?? `${name}-id`;
    const resource = { name, type, urn };
    this.state.set(urn, { ...resource, id, inputs, outputs: all });
    if (before === undefined) this.result.created.push(resource);
    else if (sameValue(before.inputs, inputs)) this.result.unchanged.push(resource);
    else this.result.updated.push(changed(resource, before.inputs, inputs));
    response.setObject(toStruct(all));
    return before === undefined && this.#isPlanOnly ? unknown(response) : response.setId(id);
  }

  /** `get`, and stack references. */
  async #read(request: pb.ReadResourceRequest): Promise<pb.ReadResourceResponse> {
    this.isUsed = true;
    const [type, name, id] = [request.getType(), request.getName(), request.getId()];
    const urn = urnOf(request);
    const response = new pb.ReadResourceResponse().setUrn(urn);
    if (type === STACK_REFERENCE) return response.setProperties(toStruct(await this.#stackReference(id)));
    const lifecycle = byToken.get(type);
    if (lifecycle === undefined) {
      const { newResource } = this.#options.others;
      const inputs = known(plain(fromStruct(request.getProperties())));
      const provider = request.getProvider();
      const mocked = await newResource?.({ type, name, inputs, provider, custom: true, id });
      return response.setProperties(
        toStruct(await pulumi.runtime.serializeProperties(name, mocked?.state ?? { ...(inputs as object) })),
      );
    }
    const provider = this.#providerOf(request.getProvider());
    const resource = { name, type: lifecycle.resource.name, urn };
    try {
      const found = await lifecycle.read(this.#host.context(provider), id, undefined);
      const secrets = outputsThat(lifecycle.resource, (output) => output.secret === true);
      if (found !== undefined) return response.setProperties(toStruct(withoutHidden(found.outputs, secrets)));
      throw missingError(resource.type, id);
    } catch (error) {
      this.#refuse(resource, failureOf(error, provider));
    }
    return response.setProperties(toStruct(unknownOutputs(lifecycle, {})));
  }

  async #stackReference(name: string): Promise<State> {
    const { stackReferences } = this.#options.others;
    const given = stackReferences[name];
    if (given === undefined)
      throw new Error(
        `The program reads the stack '${name}', which the test does not mock.\n` +
          `Pass its outputs: \`mockTurso({ stackReferences: { "${name}": { … } } })\`.`,
      );
    const outputs = (await pulumi.runtime.serializeProperties(name, { ...given })) as State;
    return {
      name,
      outputs,
      secretOutputNames: Object.keys(outputs).filter((key) => hasSecret(outputs[key])),
    };
  }

  async #invoke(request: pb.ResourceInvokeRequest): Promise<pb.ResourceInvokeResponse> {
    this.isUsed = true;
    const token = request.getTok();
    const args = plain(fromStruct(request.getArgs())) as State;
    const response = new pb.ResourceInvokeResponse();
    const fn = functionsByToken.get(token);
    if (fn !== undefined) {
      const provider = this.#providerOf(request.getProvider());
      try {
        return response.setReturn(toStruct(await fn.run(this.#host.context(provider), args)));
      } catch (error) {
        // The SDK shows `details`, as gRPC has them.
        const details = shownFailure(failureOf(error, provider)).reason;
        throw Object.assign(new Error(details), { details });
      }
    }
    const { call } = this.#options.others;
    if (call === undefined)
      throw new Error(
        `The program calls ${token}, which the test does not mock.\nPass \`mockTurso({ call: ({ token, inputs }) => … })\`.`,
      );
    const result = await call({ token, inputs: args, provider: request.getProvider() });
    return response.setReturn(toStruct(await pulumi.runtime.serializeProperties(token, result)));
  }
}

function dependenciesOf(request: pb.RegisterResourceRequest): Record<string, string[]> {
  const found = [...request.getPropertydependenciesMap().entries()];
  return Object.fromEntries(found.map(([key, dependencies]) => [key, dependencies.getUrnsList()]));
}

/** One method of the monitor. */
function answer<Q, R>(work: (request: Q) => Promise<R>) {
  return (request: Q, callback: Callback<R>): void => {
    work(request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(error instanceof Error ? error : new Error(messageOf(error)), undefined),
    );
  };
}

/** The URN of a request: the SDK's mocks leave out all types but the last of a component's. */
function urnOf(request: pb.RegisterResourceRequest | pb.ReadResourceRequest): string {
  const [, , parentTypes = ""] = request.getParent().split("::");
  const types = [parentTypes, request.getType()].filter(
    (type) => type !== "" && type !== "pulumi:pulumi:Stack",
  );
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types.join("$")}::${request.getName()}`;
}

function shown({ name, type, urn }: MockedResource): MockedResource {
  return { name, type, urn };
}

function refusalOf({ name, type, urn }: MockedResource, failure: CheckFailure): Refusal {
  const { property, reason } = shownFailure(failure);
  return { name, type, urn, property, code: failure.code, message: reason };
}

const visible = (properties: readonly string[]) => properties.filter((key) => !key.startsWith("__"));

function changed(resource: MockedResource, before: Properties, now: Properties): ChangedResource {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return { ...resource, properties: visible(keys.filter((key) => !sameValue(before[key], now[key]))) };
}

/** Without what lifecycles keep for themselves. */
function withoutHidden(outputs: State, secrets: readonly string[]): State {
  const entries = visible(Object.keys(outputs)).map((key) => [
    key,
    secrets.includes(key) ? secret(outputs[key]) : outputs[key],
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * Makes what a response leaves out unknown, which a preview does anyway. Older SDKs cannot: there it is
 * undefined.
 */
function unknown(response: pb.RegisterResourceResponse): pb.RegisterResourceResponse {
  const { setUnknown }: Partial<pb.RegisterResourceResponse> = response;
  return setUnknown?.call(response, true) ?? response;
}

/** What is known of a resource that is not created: its inputs. */
function unknownOutputs({ resource }: AnyLifecycle, inputs: Properties): State {
  return { ...Object.fromEntries(Object.keys(resource.outputs).map((key) => [key, UNKNOWN])), ...inputs };
}

/** Without the values that are unknown, as the SDK's own mocks get them. */
function known(inputs: unknown): unknown {
  return JSON.parse(JSON.stringify(inputs, (_, value) => (value === UNKNOWN ? undefined : value)));
}

/** Whether a value as the SDK sends it is a secret, or contains one. */
function hasSecret(value: unknown): boolean {
  return JSON.stringify(value) !== JSON.stringify(plain(value));
}
