#!/usr/bin/env node
// npm links only commands whose file exists, and in a fresh clone dist/ is built after that.
require("../dist/cli/main.js");
