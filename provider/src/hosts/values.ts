/** Conversions between the engine's structs and plain values. */
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { State } from "../lifecycle/values.js";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function fromStruct(struct: Struct | undefined): State {
  return (struct?.toJavaScript() ?? {}) as State;
}

/** State is JSON, and a struct has no undefined. */
export function toStruct(values: object): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(values)) as Record<string, JavaScriptValue>);
}

/** A value that the engine encrypts in state and hides on screen. */
export function secret(value: unknown): unknown {
  return value === undefined ? undefined : { [SIGNATURE]: SECRET, value };
}

/** The same properties, with those of the given names as secrets. */
export function withSecrets(values: object, names: readonly string[] = []): State {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, names.includes(key) ? secret(value) : value]),
  );
}

/** The value with its secrets as plain values. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ((value as State)[SIGNATURE] === SECRET) return plain((value as State).value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
