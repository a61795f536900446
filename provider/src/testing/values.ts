import * as pulumi from "@pulumi/pulumi";

/**
 * The value of an output, or of anything that contains outputs.
 *
 * @throws Error if it is not known, as in a preview of what does not exist yet
 */
async function valueOfOutput<T>(output: pulumi.Input<T> | undefined): Promise<pulumi.Unwrap<T>> {
  const resolved: pulumi.Output<unknown> = pulumi.output<unknown>(output);
  const isKnown: unknown = await Reflect.get(resolved, "isKnown");
  if (isKnown !== true) throw new Error("The value is unknown before `pulumi up`.");
  return new Promise((resolve, reject) => {
    const done: pulumi.Output<unknown> = resolved.apply((value) => resolve(value as pulumi.Unwrap<T>));
    const promise: unknown = Reflect.get(done, "promise");
    if (typeof promise === "function") promise.call(done).catch(reject);
  });
}

/** Whether an output is a secret. */
export async function isSecret(output: pulumi.Input<unknown>): Promise<boolean> {
  return pulumi.isSecret(pulumi.output(output));
}

// `valueOf` is a global function as well, which must not be shadowed here.
export { valueOfOutput as valueOf };
