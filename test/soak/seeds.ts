/** Seeds that found a bug, and the host on which they found it. */
import type { SeedOptions } from "./report.ts";

export const REGRESSIONS: (SeedOptions & { bug: string })[] = [
  {
    seed: 7082,
    host: "dynamic",
    plain: true,
    bug: "a token stayed with a group that was replaced when its old name came back",
  },
  {
    seed: 9087,
    host: "native",
    plain: true,
    bug: "a change stayed that was undone after its response was lost and no check was possible",
  },
  {
    seed: 9184,
    host: "dynamic",
    plain: true,
    steps: 4,
    bug: "a change stayed that was no longer managed after its response was lost",
  },
  {
    seed: 22015,
    host: "native",
    apiTokens: false,
    bug: "a deletion failed because another provider process ended while its holds were read",
  },
];
