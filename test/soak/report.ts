/** The options and the report of a seed. */
export const HOSTS = ["dynamic", "native"] as const;
export type HostName = (typeof HOSTS)[number];

/** Where a resource is declared. */
export interface Place {
  /** Default: the host of the seed. */
  host?: HostName | undefined;
  /** On the native host: with an explicit provider. */
  explicit?: boolean;
  /** Type of its parent component. */
  component?: string | undefined;
}

export interface SeedOptions {
  seed: number;
  host: HostName;
  /** Default: random, 6 to 10. */
  steps?: number;
  /** No group moves from one resource to another, as in older seeds. Default: false. */
  plain?: boolean;
  /** Whether the program also has API tokens. Default: false for a plain seed, else true. */
  apiTokens?: boolean;
  /** Whether it also has members and invites. Default: as `apiTokens`. */
  people?: boolean;
  /** No faults and no interruptions. */
  calm?: boolean;
  /** Called with a line for each action. */
  log?: (line: string) => void;
}

export interface SeedReport {
  seed: number;
  host: HostName;
  ups: { ok: number; failed: number; interrupted: number };
  refreshes: number;
  /** The number of faults that requests hit, and of interruptions, by kind. */
  faults: Record<string, number>;
  violations: string[];
  seconds: number;
}

export function emptyReport({ seed, host }: SeedOptions): SeedReport {
  const ups = { ok: 0, failed: 0, interrupted: 0 };
  return { seed, host, ups, refreshes: 0, faults: {}, violations: [], seconds: 0 };
}
