import type { Fault } from "../faults/faults.js";
import { loadAjv } from "../lazy.js";
import { Refusal } from "../refusal.js";
import type { JsonSchema } from "../store/seed.js";

/**
 * A fault as JSON, which has neither regular expressions nor `Infinity`: `path` can be
 * `{ "regex": "/groups/.*", "flags": "i" }`, and `times` can be `"always"`.
 */
type FaultJson = Omit<Fault, "path" | "times"> & {
  path?: string | { regex: string; flags?: string };
  times?: number | "always";
};

const WHEN = { enum: ["before", "during", "after"] };
const MS = { type: "number", minimum: 0 };

/** How a request fails: exactly one of these, each with its required key. */
const EFFECTS: readonly [key: string, properties: JsonSchema][] = [
  [
    "status",
    {
      status: { type: "integer", minimum: 200, maximum: 599 },
      body: {},
      headers: { type: "object", additionalProperties: { type: "string" } },
      applied: { type: "boolean" },
    },
  ],
  ["drop", { drop: WHEN }],
  ["hang", { hang: { enum: ["before", "after"] } }],
  ["drip", { drip: MS }],
  ["refuse", { refuse: MS }],
];

const MATCH = {
  method: { type: "string", minLength: 1 },
  path: {
    anyOf: [
      { type: "string" },
      {
        type: "object",
        required: ["regex"],
        additionalProperties: false,
        properties: { regex: { type: "string" }, flags: { type: "string" } },
      },
    ],
  },
  times: { anyOf: [{ type: "integer", minimum: 1 }, { const: "always" }] },
  probability: { type: "number", minimum: 0, maximum: 1 },
};

const schemas = new Map(
  EFFECTS.map(([key, properties]) => [
    key,
    { type: "object", additionalProperties: false, properties: { ...MATCH, ...properties } },
  ]),
);

/** @throws {@link Refusal} `invalid` that names the key and the rule. */
export function faultFromJson(value: unknown): Fault {
  if (typeof value !== "object" || value === null)
    throw new Refusal("invalid", "a fault must be a JSON object");
  const keys = [...schemas.keys()];
  const effects = keys.filter((key) => Object.hasOwn(value, key));
  const schema = effects.length === 1 && effects[0] !== undefined && schemas.get(effects[0]);
  if (!schema) throw new Refusal("invalid", `a fault must have exactly one of ${keys.join(", ")}`);
  const validate = new (loadAjv().Ajv)().compile<FaultJson>(schema);
  if (!validate(value)) {
    const [{ instancePath, message, params } = { instancePath: "", message: "", params: {} }] =
      validate.errors ?? [];
    const unknown = "additionalProperty" in params ? ` (${params.additionalProperty})` : "";
    throw new Refusal("invalid", `${instancePath.slice(1) || "a fault"} ${message}${unknown}`);
  }
  const { path, times, ...effect } = value;
  return {
    ...effect,
    ...(path === undefined ? {} : { path: typeof path === "string" ? path : regex(path) }),
    ...(times === undefined ? {} : { times: times === "always" ? Number.POSITIVE_INFINITY : times }),
  } as Fault;
}

function regex({ regex, flags }: { regex: string; flags?: string }): RegExp {
  try {
    return new RegExp(regex, flags);
  } catch (error) {
    throw new Refusal("invalid", `path.regex: ${error instanceof Error ? error.message : error}`);
  }
}

export function faultToJson({ path, times, ...effect }: Fault): object {
  return {
    ...effect,
    ...(path === undefined
      ? {}
      : { path: typeof path === "string" ? path : { regex: path.source, flags: path.flags } }),
    ...(times === undefined ? {} : { times: times === Number.POSITIVE_INFINITY ? "always" : times }),
  };
}
