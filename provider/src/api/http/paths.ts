/**
 * What is wrong with a name in a URL's path, as the end of a sentence; undefined if it is possible. The
 * server checks the rest.
 */
export function segmentProblem(segment: string): string | undefined {
  if (segment === "") return "must not be empty";
  if (segment === "." || segment === "..") return `must not be "${segment}"`;
  if (/\s/.test(segment)) return "must not contain spaces";
  if (/[/\\]/.test(segment)) return "must not contain slashes";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(segment) || !segment.isWellFormed())
    return "must not contain control characters";
  return undefined;
}

function encode(segment: string): string {
  const problem = segmentProblem(segment);
  if (problem !== undefined)
    throw new TypeError(`${JSON.stringify(segment)} is not a valid name: it ${problem}.`);
  return encodeURIComponent(segment);
}

/** Query parameters. Undefined ones are not sent. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * Builds the path and query of a request: `/v1/organizations/acme/groups?a=b`, or `/v1/groups?a=b` for a
 * personal account (`organization` undefined).
 *
 * @throws TypeError if a segment cannot be part of a path
 */
export function pathOf(
  organization: string | undefined,
  segments: readonly string[],
  query: Query = {},
  version: "v1" | "v2" = "v1",
): string {
  const account = organization === undefined ? [] : ["organizations", organization];
  const path = `/${version}/${[...account, ...segments].map(encode).join("/")}`;
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) parameters.append(key, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
