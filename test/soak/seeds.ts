/** Seeds that found something, and the host that they found it on: every test run repeats them. */
import type { SeedOptions } from "./report.ts";

export const REGRESSIONS: (SeedOptions & { bug: string })[] = [
  {
    seed: 7082,
    host: "dynamic",
    plain: true,
    bug: "a token stayed with the group that a return to its old name had replaced",
  },
  {
    seed: 9087,
    host: "native",
    plain: true,
    bug: "a change that was lost, could not be looked for and was then undone, stayed",
  },
  {
    seed: 9184,
    host: "dynamic",
    plain: true,
    steps: 4,
    bug: "the same, where it was then not managed any more",
  },
  {
    seed: 22015,
    host: "native",
    bug: "a provider process that ended while another one read what it held stopped a deletion",
  },
];
