/**
 * Gets what a test needs and not every machine has. Without it the test is skipped, with a loud message; in
 * CI that is a failure.
 */
export async function orSkip<T>(test: string, get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (process.env.CI) throw error;
    console.error(`\n${"!".repeat(80)}\n${test} IS SKIPPED.\n${String(error)}\n${"!".repeat(80)}\n`);
    return undefined;
  }
}
