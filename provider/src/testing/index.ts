/**
 * `pulumi-turso/testing`: tests of programs. `mockTurso` runs them in milliseconds, with the real checks and
 * results of this package; `useEmulator` is for tests on the real engine. Both need `turso-emulator`.
 */

export { type MockOptions, type MockTurso, mockTurso, type RunOptions } from "./mockTurso.js";
export {
  type ChangedResource,
  type MockedResource,
  type MockResult,
  type Refusal,
  RefusedError,
} from "./result.js";
export {
  type StartedEmulator,
  startTestEmulator,
  type TestEmulator,
  type TestHooks,
  type UseEmulatorOptions,
  useEmulator,
} from "./useEmulator.js";
export { isSecret, valueOf } from "./values.js";
