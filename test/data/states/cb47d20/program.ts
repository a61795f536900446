export * from "../47b740d/program.ts";
