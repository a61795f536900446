/** The first version had groups, and of these three inputs. */
import type { SavedProgram, Turso } from "../../../support/savedStates.ts";

export const organizations: SavedProgram["organizations"] = [undefined, "acme"];

export function declare(turso: Turso, { account }: { account: string | undefined }): void {
  new turso.Group("generated", { location: "lhr" });
  new turso.Group("Named Group", { name: "named", location: "aws-us-east-1" });
  new turso.Group("elsewhere", { name: "given", location: "ams", organization: account ?? "other" });
}
