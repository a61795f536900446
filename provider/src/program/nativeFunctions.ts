/** Functions of `pulumi-turso/native`: the native plugin runs them. */
import * as pulumi from "@pulumi/pulumi";
import { version } from "../version.js";
import { type OutputArgs, refuseNonObject } from "./functions.js";
import { checkPluginIsInstalled } from "./installation.js";

/** The parameters of a function: the arguments may be left out where none is required. */
type Parameters<Args, Options> =
  Partial<Args> extends Args ? [args?: Args, options?: Options] : [args: Args, options?: Options];

export function nativeFunction<Args extends object, Result>(name: string) {
  return async (...[args, options]: Parameters<Args, pulumi.InvokeOptions>): Promise<Result> => {
    checkPluginIsInstalled();
    refuseNonObject(name, args ?? {});
    return pulumi.runtime
      .invoke(`turso:index:${name}`, { ...args }, { version, ...options })
      .catch((error: unknown) => {
        // The SDK shows the message of a RunError without a stack.
        throw new pulumi.RunError(
          error instanceof Error ? error.message.replace(/^invocation of .*? error: /i, "") : String(error),
        );
      });
  };
}

export function nativeOutputFunction<Args extends object, Result>(name: string) {
  return (
    ...[args, options]: Parameters<OutputArgs<Args>, pulumi.InvokeOutputOptions>
  ): pulumi.Output<Result> => {
    checkPluginIsInstalled();
    return pulumi.runtime.invokeOutput(`turso:index:${name}`, { ...args }, { version, ...options });
  };
}
