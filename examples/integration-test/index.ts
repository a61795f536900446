import { shop } from "./shop.js";

export const { groupName, jwt } = shop("aws-us-east-1");
