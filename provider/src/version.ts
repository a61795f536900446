/** The package's version. */
export const { version } = require("../package.json") as { version: string };

/** The `User-Agent` of every request. */
export const userAgent = `pulumi-turso/${version}`;
