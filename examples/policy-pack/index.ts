import { PolicyPack } from "@pulumi/policy";
import * as policies from "./policies";

new PolicyPack("turso", { policies: Object.values(policies) });
