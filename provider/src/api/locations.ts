import { object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";

/** The Locations operations. */
export class LocationsApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /**
   * Every location that a group can be in, code → description, e.g. `{"aws-us-east-1": "AWS US East (Virginia)"}`; a
   * description that the server leaves out is "". Locations belong to no organization: `organization` only says whose
   * token to use. One request.
   */
  async list(organization: string | undefined): Promise<Record<string, string>> {
    return this.#send("GET", undefined, ["locations"], {
      tokenOf: organization,
      parse: (answer) => {
        const locations = object(object(answer, "the answer").locations, "locations");
        return Object.fromEntries(
          Object.keys(locations).map((code) => [
            text(code, "a code in locations"),
            optional(locations, code, text, "locations")[code] ?? "",
          ]),
        );
      },
    });
  }
}
