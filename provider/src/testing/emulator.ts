type EmulatorModule = typeof import("turso-emulator");

/** Loads the emulator, which only tests need. */
export function loadEmulator(): EmulatorModule {
  try {
    return require("turso-emulator") as EmulatorModule;
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
    if (!isMissing || !/'turso-emulator'/.test(error.message)) throw error;
    throw new Error(
      "The package turso-emulator is not installed. Run `npm install --save-dev turso-emulator`.",
      { cause: error },
    );
  }
}
