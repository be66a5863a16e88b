/** The report's figures, a section for each specialist that handed some in. */
import type { Code, Dependencies, Evidence, History, Knowledge, Licences, Tests } from "./findings.ts";
import { code, plain, table } from "./markdown.ts";
import { figure, many, percent } from "./wording.ts";

const ROWS = 15;

export function figures({ history, code: measured, knowledge, dependencies, tests, licences }: Evidence): string[] {
  return [
    ...(measured ? hotSpots(measured) : []),
    ...(measured ? size(measured) : []),
    ...(history ? past(history) : []),
    ...(knowledge && knowledge.lines > 0 ? known(knowledge) : []),
    ...(dependencies ? needs(dependencies) : []),
    ...(tests ? testing(tests) : []),
    ...(licences ? rights(licences) : []),
  ];
}

function hotSpots({ hotSpots: spots, churn }: Code): string[] {
  const since = churn.since === null ? "" : ` since ${churn.since.slice(0, 10)}`;
  const basis = `Long files that change often, by commits × lines, over ${many(churn.commits, "commit")}${since}.`;
  if (spots.length === 0) return ["## Hot spots", `${basis} No code file was changed more than once.`];
  const rows = spots.map((spot) => [
    code(spot.path),
    figure(spot.lines),
    figure(spot.commits),
    figure(spot.changedLines),
    figure(spot.authors),
    figure(spot.score),
  ]);
  return ["## Hot spots", basis, table(["file", "lines:", "commits:", "changed lines:", "authors:", "score:"], rows)];
}

function size({ kinds, languages, bytes, code: files }: Code): string[] {
  const rows = Object.entries(kinds)
    .sort(([, a], [, b]) => b.lines - a.lines)
    .map(([kind, count]) => [kind, figure(count.files), kind === "binary" ? "" : figure(count.lines)]);
  const spoken = languages.slice(0, 8).map(({ name, lines }) => `${name} ${figure(lines)}`);
  const longest = files.slice(0, 3).map(({ path, lines }) => `${code(path)} (${figure(lines)})`);
  return [
    "## Size",
    table(["kind", "files:", "lines:"], rows),
    [
      `${(bytes / 1e6).toFixed(1)} MB in all.`,
      spoken.length > 0 ? `Lines by language: ${spoken.join(", ")}.` : "",
      longest.length > 0 ? `Longest: ${longest.join(", ")}.` : "",
    ]
      .filter((part) => part !== "")
      .join(" "),
  ];
}

function past({ commits, shallow, merges, first, last, authors, authorCount, year, lastTag }: History): string[] {
  if (last === null) return ["## History", "There are no commits."];
  const rows = authors.map((author) => [plain(author.name), figure(author.commits), author.last.slice(0, 10)]);
  const span = first === null ? `up to ${last.slice(0, 10)}` : `${first.slice(0, 10)} to ${last.slice(0, 10)}`;
  const tag =
    lastTag === null
      ? "No tag leads here."
      : `Last tag ${code(lastTag.name)}, ${many(lastTag.commitsSince, "commit")} ago.`;
  return [
    "## History",
    (shallow ? "The clone is shallow; this is what it holds. " : "") +
      `${many(commits, "commit")} (${many(merges, "merge")}), ${span}. ${tag} ` +
      `In the year before the newest: ${many(year.commits, "commit")}, half of them by ` +
      `${many(year.halfBy, "person", "people")}; month by month \`${bars(year.months)}\` (highest ${figure(Math.max(...year.months))}).`,
    table(
      [`author${authorCount > authors.length ? ` (${authors.length} of ${authorCount})` : ""}`, "commits:", "last"],
      rows,
    ),
  ];
}

function known({ files, lines, authors, authorCount, goneLines }: Knowledge): string[] {
  const rows = authors.map(({ name, lines: own, active }) => [
    plain(name),
    figure(own),
    percent(own / lines),
    active ? "yes" : "no",
  ]);
  return [
    "## Who knows the code",
    `Of ${many(lines, "line")} in ${many(files, "code file")}, ${figure(goneLines)} (${percent(goneLines / lines)}) were ` +
      "last changed by people without a commit in the year before the audited one.",
    table(
      [
        `author${authorCount > authors.length ? ` (${authors.length} of ${authorCount})` : ""}`,
        "lines:",
        "share:",
        "active",
      ],
      rows,
    ),
  ];
}

function needs({ manifests, locks }: Dependencies): string[] {
  if (manifests.length === 0) return ["## Dependencies", "No manifest of npm, Python, Cargo or Go asks for anything."];
  const rows = manifests
    .slice(0, ROWS)
    .map((found) => [
      code(found.path),
      figure(found.direct),
      figure(found.development),
      figure(found.pinned),
      figure(found.ranged),
      figure(found.open),
      figure(found.elsewhere),
      found.lock === null ? "none" : code(found.lock),
    ]);
  const unknown = (n: number | null): string => (n === null ? "unknown" : figure(n));
  const lockRows = locks
    .slice(0, ROWS)
    .map((lock) => [code(lock.path), unknown(lock.packages), unknown(lock.installScripts), unknown(lock.duplicates)]);
  return [
    "## Dependencies",
    table(["manifest", "direct:", "development:", "pinned:", "ranged:", "open:", "elsewhere:", "lock"], rows) +
      left(manifests.length),
    ...(locks.length > 0
      ? [table(["lock", "packages:", "with install script:", "in several versions:"], lockRows) + left(locks.length)]
      : []),
  ];
}

function testing({ counted, commands, ci, actions }: Tests): string[] {
  const named = (list: readonly string[]): string => (list.length === 0 ? "none found" : list.join("; "));
  return [
    "## Tests and CI",
    table(
      ["measured", "found"],
      [
        ...(counted ? testRows(counted) : []),
        ["test commands", named(commands.map(({ path, command }) => `\`${command}\` (${code(path)})`))],
        ["CI", named(bySystem(ci))],
        ...(actions.used > 0 ? [["GitHub Actions fixed to a commit", `${actions.pinned} of ${actions.used}`]] : []),
      ],
    ),
  ];
}

function testRows({ testFiles, testLines, codeLines }: NonNullable<Tests["counted"]>): string[][] {
  const ratio = codeLines === 0 ? "no code" : `${(testLines / codeLines).toFixed(2)} (of ${figure(codeLines)})`;
  return [
    ["test files", `${figure(testFiles)}, ${many(testLines, "line")}`],
    ["test lines per line of code", ratio],
  ];
}

function bySystem(ci: Tests["ci"]): string[] {
  const systems = [...new Set(ci.map(({ system }) => system))];
  return systems.map((name) => {
    const paths = ci.filter(({ system }) => system === name).map(({ path }) => code(path));
    const rest = paths.length > ROWS ? `, and ${figure(paths.length - ROWS)} more` : "";
    return `${name}: ${paths.slice(0, ROWS).join(", ")}${rest}`;
  });
}

function rights({ files, declared, dependencies, source }: Licences): string[] {
  const texts = files.slice(0, ROWS).map(({ path, licence }) => `${code(path)}: ${licence ?? "text not recognised"}`);
  const names = declared.slice(0, ROWS).map(({ path, licence }) => `${code(path)} names ${plain(licence)}`);
  const own = [...texts, ...names];
  const rows = dependencies
    .slice(0, ROWS)
    .map((group) => [plain(group.licence ?? "not known"), figure(group.packages), figure(group.production)]);
  return [
    "## Licences",
    own.length === 0 ? "The project names no licence." : `${own.join("; ")}.`,
    ...(rows.length > 0
      ? [
          `npm packages by licence, as the ${source === "none" ? "lock lists them" : `${source} says`}:`,
          table(["licence", "packages:", "in production:"], rows) + left(dependencies.length),
        ]
      : []),
  ];
}

function left(all: number): string {
  return all > ROWS ? `\n\nand ${figure(all - ROWS)} more.` : "";
}

function bars(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((n) => (n === 0 ? "·" : "▁▂▃▄▅▆▇█"[Math.ceil((n / most) * 8) - 1])).join("");
}
