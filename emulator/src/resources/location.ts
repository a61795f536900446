import { Hono } from "hono";
import type { Env } from "../http.js";
import { Refusal } from "../refusal.js";

/**
 * The default locations, code → description: the 31 three-letter codes of 2023 (on Fly.io) and ten AWS
 * regions. Six regions are from Turso's OpenAPI description; public clients use the other four as well.
 */
export const DEFAULT_LOCATIONS: Readonly<Record<string, string>> = {
  ams: "Amsterdam, Netherlands",
  arn: "Stockholm, Sweden",
  bog: "Bogotá, Colombia",
  bos: "Boston, Massachusetts (US)",
  cdg: "Paris, France",
  den: "Denver, Colorado (US)",
  dfw: "Dallas, Texas (US)",
  ewr: "Secaucus, New Jersey (US)",
  fra: "Frankfurt, Germany",
  gdl: "Guadalajara, Mexico",
  gig: "Rio de Janeiro, Brazil",
  gru: "São Paulo, Brazil",
  hkg: "Hong Kong, Hong Kong",
  iad: "Ashburn, Virginia (US)",
  jnb: "Johannesburg, South Africa",
  lax: "Los Angeles, California (US)",
  lhr: "London, United Kingdom",
  mad: "Madrid, Spain",
  mia: "Miami, Florida (US)",
  nrt: "Tokyo, Japan",
  ord: "Chicago, Illinois (US)",
  otp: "Bucharest, Romania",
  qro: "Querétaro, Mexico",
  scl: "Santiago, Chile",
  sea: "Seattle, Washington (US)",
  sin: "Singapore, Singapore",
  sjc: "San Jose, California (US)",
  syd: "Sydney, Australia",
  waw: "Warsaw, Poland",
  yul: "Montreal, Canada",
  yyz: "Toronto, Canada",
  "aws-ap-northeast-1": "AWS AP NorthEast (Tokyo)",
  "aws-ap-south-1": "AWS AP South (Mumbai)",
  "aws-ap-southeast-2": "AWS AP SouthEast (Sydney)",
  "aws-ca-central-1": "AWS CA Central (Montreal)",
  "aws-eu-north-1": "AWS EU North (Stockholm)",
  "aws-eu-west-1": "AWS EU West (Ireland)",
  "aws-sa-east-1": "AWS SA East (São Paulo)",
  "aws-us-east-1": "AWS US East (Virginia)",
  "aws-us-east-2": "AWS US East (Ohio)",
  "aws-us-west-2": "AWS US West (Oregon)",
};

/**
 * The code under which `locations` lists a place: `aws-us-east-1` for `us-east-1`, otherwise `code` itself.
 */
export function resolveLocation(locations: Readonly<Record<string, string>>, code: string): string {
  for (const known of [code, `aws-${code}`]) {
    if (Object.hasOwn(locations, known)) return known;
  }
  throw new Refusal("invalid", `invalid location: ${code}`);
}

/** Whether a location is an AWS region. Groups there have no replicas. */
export function isAws(code: string): boolean {
  return code.startsWith("aws-");
}

export const globalRoutes = new Hono<Env>();

globalRoutes.get("/v1/locations", (c) => c.json({ locations: c.var.store.locations }));
