/** What a seed is given, and what comes of it. */
export const HOSTS = ["dynamic", "native"] as const;
export type HostName = (typeof HOSTS)[number];

/** Where a resource stands, besides its name. */
export interface Place {
  /** Default: the host of the seed. */
  host?: HostName | undefined;
  /** On the native host: by a provider of its own. */
  explicit?: boolean;
  /** Type of the component that it is in. */
  component?: string | undefined;
}

export interface SeedOptions {
  seed: number;
  host: HostName;
  /** Default: random, 6 to 10. */
  steps?: number;
  /** No groups are handed from one resource to another, as was before there was such a step. Default: false. */
  plain?: boolean;
  /** Nothing goes wrong at the API, and nothing is interrupted. */
  calm?: boolean;
  /** Gets a line for each thing that is done. */
  log?: (line: string) => void;
}

export interface SeedReport {
  seed: number;
  host: HostName;
  ups: { ok: number; failed: number; interrupted: number };
  refreshes: number;
  /** Faults that requests ran into, and interruptions, by kind. */
  faults: Record<string, number>;
  violations: string[];
  seconds: number;
}

export function emptyReport({ seed, host }: SeedOptions): SeedReport {
  const ups = { ok: 0, failed: 0, interrupted: 0 };
  return { seed, host, ups, refreshes: 0, faults: {}, violations: [], seconds: 0 };
}
