/** What `pulumi preview --json` prints for the program and stack of a test. */
import { CommandError } from "@pulumi/pulumi/automation/index.js";
import type { Engine } from "./stack.ts";

export interface RecordedPreview {
  stdout: string;
  stderr: string;
  failed: boolean;
}

/** `stream` prints one event per line, as an option of the CLI does. `refresh` previews a refresh. */
export async function recordPreview(
  { stack }: Engine,
  { stream = false, refresh = false } = {},
): Promise<RecordedPreview> {
  const { envVars } = stack.workspace;
  const before = { ...envVars };
  // The Automation API has no option for it, but the CLI reads every flag from the environment, too.
  Object.assign(envVars, { PULUMI_OPTION_JSON: "true" });
  if (stream) Object.assign(envVars, { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" });
  let stdout = "";
  let stderr = "";
  const options = {
    color: "never" as const,
    onOutput: (text: string) => {
      stdout += text;
    },
    onError: (text: string) => {
      stderr += text;
    },
  };
  try {
    await (refresh ? stack.previewRefresh(options) : stack.preview(options));
    return { stdout, stderr, failed: false };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { stdout, stderr, failed: true };
  } finally {
    stack.workspace.envVars = before;
  }
}
