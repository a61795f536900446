/** Why `segment` can never name anything in a URL's path; undefined when it can. What else a name may hold is the server's to decide. */
export function segmentProblem(segment: string): string | undefined {
  if (segment === "") return "is empty";
  if (segment === "." || segment === "..") return `cannot be "${segment}"`;
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
    throw new TypeError(`${JSON.stringify(segment)} cannot be part of a path: it ${problem}`);
  return encodeURIComponent(segment);
}

/** Query parameters; those that are undefined are not sent. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * The one place that builds paths. `undefined` for the organization is the user form (`/v1/groups`), a slug the
 * organization form (`/v1/organizations/acme/groups`). The query comes after it: `/v1/groups?a=b`.
 */
export function pathOf(
  organization: string | undefined,
  segments: readonly string[],
  query: Query = {},
): string {
  const account = organization === undefined ? [] : ["organizations", organization];
  const path = `/v1/${[...account, ...segments].map(encode).join("/")}`;
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) parameters.append(key, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
