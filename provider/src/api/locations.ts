import { object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";

/**
 * Where groups can be.
 *
 * @see https://docs.turso.tech/api-reference/locations
 */
export class LocationsApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /**
   * Lists every location that a group can be in, as a map from code to description, e.g. `{ "aws-us-east-1":
   * "AWS US East (Virginia)" }`. A missing description is "". Locations do not belong to an organization:
   * `organization` only selects the token. One request.
   */
  async list(organization: string | undefined): Promise<Record<string, string>> {
    return this.#send("GET", undefined, ["locations"], { tokenOf: organization, parse: parseLocations });
  }
}

function parseLocations(body: unknown): Record<string, string> {
  const locations = object(object(body, "body").locations, "locations");
  return Object.fromEntries(
    Object.keys(locations).map((code) => [
      text(code, "a code in locations"),
      optional(locations, code, text, "locations")[code] ?? "",
    ]),
  );
}
