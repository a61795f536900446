#!/usr/bin/env node
// In a fresh clone npm links commands before dist/ is built, and only those whose file exists.
require("../dist/cli.js");
