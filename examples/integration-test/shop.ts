import { Group, GroupToken } from "pulumi-turso";

/** The group of the shop, and a token for its API. A function, so that a test can run it more than once. */
export function shop(location: string) {
  const group = new Group("shop", { name: "shop", location }, { protect: true });
  const token = new GroupToken("api", { group: group.id, expiration: "90d" });
  return { groupName: group.name, jwt: token.jwt };
}
