/** `npm run test:long [-- <name>]`: the long programmes of test/long. They are no part of `npm test`. */
import { closingLine, runSuite } from "./suite.mjs";

const result = await runSuite(["--config", "vitest.long.config.ts", ...process.argv.slice(2)]);
console.log(closingLine(result));
process.exitCode = result.status === 0 ? 0 : 1;
