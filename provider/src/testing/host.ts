/** The third host of the lifecycles, beside the dynamic provider and the native plugin. */
import type { Transport } from "../api/http/transport.js";
import { createClient } from "../api/index.js";
import { collectionsOf, previewOptions } from "../lifecycle/collection.js";
import { asUserError, type CheckFailure, explainsItself, messageOf, UserError } from "../lifecycle/errors.js";
import type { AnyLifecycle, Context, Diff } from "../lifecycle/lifecycle.js";
import { Ownership } from "../lifecycle/ownership.js";
import { explained, readSettings, type StackConfig } from "../lifecycle/settings.js";
import { UNKNOWN } from "../lifecycle/unknown.js";
import { parseUrn } from "../lifecycle/urn.js";
import type { State } from "../lifecycle/values.js";
import { userAgent } from "../version.js";

/** Where a provider has its settings: the stack configuration, or the arguments of an explicit provider. */
export interface Provider {
  config: StackConfig;
  /** Name of an explicit provider. */
  name?: string;
}

/** What check and diff decide for a resource. */
export interface Decision {
  inputs: State;
  failures: CheckFailure[];
  diff: Diff | undefined;
}

export interface HostOptions {
  env: NodeJS.ProcessEnv;
  transport: Transport;
  /** Whether it is known that nothing is written. */
  preview?: true;
  warn(message: string): void;
}

/** What the resources of one run share: a run is one operation of the engine. */
export class Host {
  readonly #options: HostOptions;
  readonly #ownership = new Ownership();
  readonly #contexts = new Map<string, Context>();

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** @throws UserError if a setting is invalid */
  context({ config, name }: Provider): Context {
    const known = this.#contexts.get(name ?? "");
    if (known !== undefined) return known;
    const { env, transport, warn } = this.#options;
    const { baseUrl, token, requests, organization, deleteProtection } = readSettings(config, env, name);
    const options = { baseUrl, token, userAgent, onWait: warn, transport, ...requests };
    const api = createClient(options);
    const collection = collectionsOf(api, createClient(previewOptions(options)));
    const { clock } = transport;
    const context = {
      api,
      collection,
      organization,
      deleteProtection,
      ownership: this.#ownership,
      warn,
      clock,
    };
    this.#contexts.set(name ?? "", context);
    return context;
  }

  /** What `pulumi preview` decides for a resource, from what state has of it. */
  async decide(
    lifecycle: AnyLifecycle,
    provider: Provider,
    {
      urn,
      news,
      state,
      lost,
    }: {
      urn: string;
      news: State;
      state: { inputs: State; outputs: State } | undefined;
      /** The inputs that come from resources which are deleted before they are replaced. */
      lost: readonly string[];
    },
  ): Promise<Decision> {
    const check = (olds: State | undefined) => this.#check(lifecycle, provider, { urn, news, olds });
    const checked = await check(state?.inputs);
    if (checked.failures.length > 0) return { ...checked, diff: undefined };
    const context = this.context(provider);
    lifecycle.warnInPreview?.(context, state?.inputs, checked.inputs);
    if (state === undefined) return { ...checked, diff: undefined };
    const own = lifecycle.diff(context, state.outputs, checked.inputs);
    // The engine replaces a resource with the ones it comes from, if unknown values would replace it.
    const unknown = Object.fromEntries(lost.map((key) => [key, UNKNOWN]));
    const forced = lifecycle.diff(context, state.outputs, { ...state.inputs, ...unknown });
    const isForced = lost.length > 0 && forced.replaces.length > 0;
    const diff = isForced ? { ...forced, deleteBeforeReplace: true } : own;
    // The engine checks a replacement again, as if it were new.
    return { ...(diff.replaces.length > 0 ? await check(undefined) : checked), diff };
  }

  async #check(
    lifecycle: AnyLifecycle,
    provider: Provider,
    { urn, news, olds }: { urn: string; news: State; olds: State | undefined },
  ): Promise<{ inputs: State; failures: CheckFailure[] }> {
    const { preview } = this.#options;
    try {
      const request = { olds, news, resource: parseUrn(urn), ...(preview && { preview }) };
      return await lifecycle.check(this.context(provider), request);
    } catch (error) {
      return { inputs: news, failures: [failureOf(error, provider)] };
    }
  }
}

/** An error that explains itself, as a failure. Others are errors of this package, and thrown. */
export function failureOf(error: unknown, { config, name }: Provider): CheckFailure {
  if (!explainsItself(error)) throw error;
  const shown = explained(asUserError(error), config, name);
  if (shown instanceof UserError) return { property: "", code: shown.code, reason: shown.text };
  throw new Error(messageOf(shown));
}
