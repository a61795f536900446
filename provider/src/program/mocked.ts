/** Where functions send their requests under `pulumi-turso/testing`. */
import * as pulumi from "@pulumi/pulumi";
import type { Transport } from "../api/http/transport.js";

/** What replaces the environment and the Turso API. */
export interface MockedApi {
  env: NodeJS.ProcessEnv;
  transport: Transport;
}

/**
 * The property of the SDK's monitor that has it: each run has its own monitor, and a test framework may load
 * this package twice.
 */
const KEY = Symbol.for("pulumi-turso/testing");

export function mockApi(monitor: object, api: MockedApi): void {
  Reflect.set(monitor, KEY, api);
}

/** What the program that is running uses; undefined outside tests. */
export function mockedApi(): MockedApi | undefined {
  const monitor: object | undefined = pulumi.runtime.hasMonitor() ? pulumi.runtime.getMonitor() : undefined;
  const api: unknown = monitor && Reflect.get(monitor, KEY);
  return isMockedApi(api) ? api : undefined;
}

function isMockedApi(value: unknown): value is MockedApi {
  return typeof value === "object" && value !== null && "env" in value && "transport" in value;
}
