import { expect, test } from "vitest";
import { DEFAULT_LOCATIONS } from "../../src/index.ts";
import { start } from "../help.ts";

test("the default locations are the 31 three-letter codes of 2023 and ten AWS regions", async () => {
  const { call } = await start();
  const response = await call("GET", "/v1/locations");
  expect(response).toMatchObject({ status: 200, body: { locations: { ams: "Amsterdam, Netherlands" } } });
  expect(response.body).toEqual({ locations: DEFAULT_LOCATIONS });
  const codes = Object.keys(DEFAULT_LOCATIONS);
  expect(codes.filter((code) => /^[a-z]{3}$/.test(code))).toHaveLength(31);
  const documented = ["ap-northeast-1", "ap-south-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2"];
  const undocumented = ["ap-southeast-2", "ca-central-1", "eu-north-1", "sa-east-1"];
  const aws = [...documented, ...undocumented].map((region) => `aws-${region}`);
  expect(codes.filter((code) => code.startsWith("aws-")).sort()).toEqual(aws.sort());
});

test("the option `locations` replaces the default locations", async () => {
  const { call } = await start({ locations: { moon: "Tranquility" } });
  expect((await call("GET", "/v1/locations")).body).toEqual({ locations: { moon: "Tranquility" } });
  expect((await call("POST", "/v1/groups", { name: "a", location: "moon" })).status).toBe(200);
  expect((await call("POST", "/v1/groups", { name: "b", location: "lhr" })).status).toBe(400);
});
