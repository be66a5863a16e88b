#!/usr/bin/env node
/**
 * The `tutti` command. What is loaded here is loaded by everything: the version is told before the command line is
 * even known, and every verb brings its own parts.
 */
import { fileURLToPath } from "node:url";
import { keepExit } from "../host/exit.ts";
import { readSmallFile } from "../host/files.ts";
import { openTerminal } from "../host/terminal.ts";
import { EXIT } from "./exit.ts";

keepExit();
const terminal = openTerminal();
const argv = process.argv.slice(2);
let code = 0;
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) terminal.stdout.write(`${version()}\n`);
else code = await (await import("./program.ts")).runProgram(argv, terminal, version());
const failure = await terminal.stdout.flush();
if (failure) {
  terminal.stderr.write(`tutti: stdout cannot be written: ${failure.code ?? failure.message}\n`);
  code = EXIT.failure;
}
await terminal.stderr.flush();
// Code of users may have left timers and sockets behind; what was to be done is done.
terminal.exit(code);

/** Of the package, whether this is its source or its build. */
function version(): string {
  for (const up of ["../../package.json", "../../../package.json"]) {
    const manifest = readSmallFile(fileURLToPath(new URL(up, import.meta.url)));
    if (manifest !== undefined) return (JSON.parse(manifest) as { readonly version: string }).version;
  }
  return "unknown";
}
