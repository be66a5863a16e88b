/**
 * The TypeScript in the docs as one program: compiled against the sources as a user's file would be against the
 * package, and emitted together with them into a folder that looks like an installed Tutti, so that it can be run.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { ROOT, SOURCES, isTest, readText } from "./source.ts";

export interface Program {
  /** The compiler's complaints about one snippet; its line 1 is `line` of the page. */
  problems(name: string, page: { path: string; line: number }): string[];
  /** Writes everything below `folder`; afterwards `node <folder>/snippets/<name>.js` runs a snippet. */
  emit(folder: string): void;
}

/** `snippets`: name → text. */
export function compile(snippets: ReadonlyMap<string, string>): Program {
  const virtual = new Map([...snippets].map(([name, text]) => [fileOf(name), text]));
  const options = readOptions();
  const host = hostWith(virtual, options);
  const sources = SOURCES.filter(({ path }) => path.startsWith("src/") && !isTest(path)).map(({ path }) =>
    join(ROOT, path),
  );
  const program = ts.createProgram([...sources, ...virtual.keys()], options, host);
  return {
    problems(name, page) {
      const file = program.getSourceFile(fileOf(name));
      if (!file) throw new Error(`no snippet ${name}`);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return found.map(({ start = 0, messageText }) => {
        const line = page.line + file.getLineAndCharacterOfPosition(start).line;
        return `${page.path}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      });
    },
    emit(folder) {
      program.emit(undefined, (path, text) => {
        const target = path.replace(join(ROOT, "dist"), folder);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, text);
      });
      install(folder);
    },
  };
}

function fileOf(name: string): string {
  return join(ROOT, "snippets", `${name}.ts`);
}

function readOptions(): ts.CompilerOptions {
  const read = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, "tsconfig.json"),
    // A page may show a thing without using it.
    { noUnusedLocals: false, noUnusedParameters: false, noEmit: false, rootDir: ROOT, outDir: join(ROOT, "dist") },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (found) => {
        throw new Error(ts.flattenDiagnosticMessageText(found.messageText, "\n"));
      },
    },
  );
  if (!read) throw new Error("tsconfig.json cannot be read");
  return read.options;
}

function hostWith(virtual: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    fileExists: (path) => virtual.has(path) || host.fileExists(path),
    readFile: (path) => virtual.get(path) ?? host.readFile(path),
    directoryExists: (path) => path === join(ROOT, "snippets") || (host.directoryExists?.(path) ?? true),
    getSourceFile: (path, language) => {
      const text = virtual.get(path) ?? host.readFile(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, language);
    },
  };
}

/** A package.json that names the emitted files as the real one names the built ones. */
function install(folder: string): void {
  const manifest = JSON.parse(readText("package.json")) as { exports: Record<string, { default: string }> };
  const exported = Object.entries(manifest.exports).map(([path, { default: built }]) => [
    path,
    built.replace("./dist/", "./"),
  ]);
  const own = { name: "tutti", type: "module", exports: Object.fromEntries(exported) as Record<string, string> };
  writeFileSync(join(folder, "package.json"), JSON.stringify(own));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
}
