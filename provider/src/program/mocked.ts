/** Where functions send their requests under `pulumi-turso/testing`. */
import * as pulumi from "@pulumi/pulumi";
import type { ClientOptions } from "../api/index.js";

/** What replaces the environment and the Turso API. */
export interface MockedApi {
  env: NodeJS.ProcessEnv;
  transport: ClientOptions["transport"];
}

/** Each run has its own monitor, so programs that run at the same time do not share it. */
const byMonitor = new WeakMap<object, MockedApi>();

export function mockApi(monitor: object, api: MockedApi): void {
  byMonitor.set(monitor, api);
}

/** What the program that is running uses; undefined outside tests. */
export function mockedApi(): MockedApi | undefined {
  const monitor = pulumi.runtime.hasMonitor() ? pulumi.runtime.getMonitor() : undefined;
  return monitor && byMonitor.get(monitor);
}
