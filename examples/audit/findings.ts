/** What the team measures and says. Every figure here was counted; what could not be counted is a line in `limits`. */
import { z } from "zod";

export const RISKS = ["low", "medium", "high"] as const;
export type Risk = (typeof RISKS)[number];

/** Every rule a finding can come from. What each reviewer makes of them stands in `agents/reviewers.ts`. */
export const RULES = [
  "dormant",
  "few-hands",
  "orphaned-code",
  "unreleased",
  "hot-spot",
  "giant-file",
  "large-blob",
  "secret-file",
  "vendored",
  "no-lock",
  "stale-lock",
  "open-range",
  "foreign-source",
  "no-integrity",
  "install-script",
  "duplicate-versions",
  "no-tests",
  "few-tests",
  "untested-file",
  "no-test-command",
  "no-ci",
  "unpinned-action",
  "no-licence",
  "licence-mismatch",
  "copyleft-dependency",
  "unknown-licence",
] as const;
export type Rule = (typeof RULES)[number];

const findingSchema = z.object({
  rule: z.enum(RULES),
  risk: z.enum(RISKS),
  /** What was found, with its figures. */
  title: z.string(),
  /** Files or packages, at most `SHOWN`; `more` says how many others there are. */
  where: z.array(z.string()),
  more: z.number(),
  /** What to do about it. */
  action: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

const SHOWN = 5;

interface Words {
  readonly title: string;
  readonly action: string;
  readonly where?: readonly string[];
}

export function finding(rule: Rule, risk: Risk, { title, action, where = [] }: Words): Finding {
  return { rule, risk, title, action, where: where.slice(0, SHOWN), more: Math.max(0, where.length - SHOWN) };
}

export const repositorySchema = z.object({
  /** The root package.json's name, or the folder's. */
  name: z.string(),
  /** Absolute path of the working tree, or of the git directory of a bare repository. */
  root: z.string(),
  /** The audited commit; `null` in a repository that has none yet. */
  commit: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .nullable(),
  /** The branch's name; `null` when HEAD is detached. */
  branch: z.string().nullable(),
  /** ISO 8601, UTC. Ages are reckoned from here. */
  auditedAt: z.iso.datetime(),
});
/** One commit of one repository, so that a resumed audit looks at what it began with. */
export type Repository = z.infer<typeof repositorySchema>;

/** What every specialist adds to its figures. */
export interface Told {
  readonly findings: readonly Finding[];
  /** What was not measured, and why. */
  readonly limits: readonly string[];
}

export interface Author {
  readonly name: string;
  readonly commits: number;
  /** ISO 8601, of the newest commit. */
  readonly last: string;
}

export interface History extends Told {
  readonly commits: number;
  /** A cut clone: figures are of what it holds, and nothing is concluded from them. */
  readonly shallow: boolean;
  readonly merges: number;
  readonly first: string | null;
  readonly last: string | null;
  /** The ten with the most commits, most first; all of them are `authorCount`. */
  readonly authors: readonly Author[];
  readonly authorCount: number;
  /** The 365 days up to the newest commit. */
  readonly year: {
    readonly commits: number;
    /** People who together wrote half of them. */
    readonly halfBy: number;
    /** Commits per twelfth of the year, oldest first. */
    readonly months: readonly number[];
  };
  readonly lastTag: { readonly name: string; readonly commitsSince: number } | null;
}

const count = z.object({ files: z.number(), lines: z.number() });
const sizedFile = z.object({ path: z.string(), lines: z.number() });
const told = { findings: z.array(findingSchema), limits: z.array(z.string()) };

/** What `processes/code.mjs` prints. A process is another program: its answer is checked, not trusted. */
export const codeSchema = z.object({
  files: z.number(),
  bytes: z.number(),
  /** By kind: code, test, docs, config, data, generated, vendored, binary. */
  kinds: z.record(z.string(), count),
  languages: z.array(z.object({ name: z.string(), files: z.number(), lines: z.number() })),
  /** Code and test files, largest first, at most 2,000 of each. */
  code: z.array(sizedFile),
  tests: z.array(sizedFile),
  /** Commits × lines, highest first, at most ten. */
  hotSpots: z.array(
    z.object({
      path: z.string(),
      lines: z.number(),
      commits: z.number(),
      changedLines: z.number(),
      authors: z.number(),
      score: z.number(),
    }),
  ),
  /** The commits that churn was counted over (no merges). */
  churn: z.object({ commits: z.number(), since: z.string().nullable() }),
  ...told,
});
export type Code = z.infer<typeof codeSchema>;

/** What `processes/licences.mjs` prints. */
export const licencesSchema = z.object({
  /** Licence files of the project itself; `licence: null` = the text was not recognised. */
  files: z.array(z.object({ path: z.string(), licence: z.string().nullable() })),
  declared: z.array(z.object({ path: z.string(), licence: z.string() })),
  /** npm packages by licence, most first; `null` = no licence was found for them. */
  dependencies: z.array(z.object({ licence: z.string().nullable(), packages: z.number(), production: z.number() })),
  /** Where the licences of dependencies were read. */
  source: z.enum(["lock", "node_modules", "lock and node_modules", "none"]),
  ...told,
});
export type Licences = z.infer<typeof licencesSchema>;

export interface Knowledge extends Told {
  /** Code files that were asked for the authors of their lines, and their lines. */
  readonly files: number;
  readonly lines: number;
  /** The ten with most lines; `active` = committed in the 365 days up to the audited commit. */
  readonly authors: readonly { readonly name: string; readonly lines: number; readonly active: boolean }[];
  readonly authorCount: number;
  readonly goneLines: number;
}

export interface Manifest {
  readonly path: string;
  readonly ecosystem: "npm" | "python" | "cargo" | "go";
  readonly direct: number;
  readonly development: number;
  /** An exact version. */
  readonly pinned: number;
  /** A range with an upper end (`^1.2`, `~=1.2`). */
  readonly ranged: number;
  /** Anything at all, or anything above (`*`, `>=1`, `latest`). */
  readonly open: number;
  /** Git, a URL, or a folder of the same repository. */
  readonly elsewhere: number;
  readonly lock: string | null;
}

export interface Lock {
  readonly path: string;
  /** `null`: the format is not read here. */
  readonly packages: number | null;
  /** Packages that run a script when installed; `null` where the format does not say. */
  readonly installScripts: number | null;
  /** Packages present in more than one version. */
  readonly duplicates: number | null;
}

export interface Dependencies extends Told {
  readonly manifests: readonly Manifest[];
  readonly locks: readonly Lock[];
}

export interface Tests extends Told {
  /** As the code agent counted them; `null` when it could not. */
  readonly counted: {
    readonly testFiles: number;
    readonly testLines: number;
    readonly codeLines: number;
  } | null;
  readonly commands: readonly { readonly path: string; readonly command: string }[];
  readonly ci: readonly { readonly path: string; readonly system: string }[];
  /** Uses of GitHub Actions, and how many of them name a commit. */
  readonly actions: { readonly used: number; readonly pinned: number };
}

/** Everything the specialists handed in; `null` where one of them failed (why: in `limits`). */
export interface Evidence {
  readonly history: History | null;
  readonly code: Code | null;
  readonly knowledge: Knowledge | null;
  readonly dependencies: Dependencies | null;
  readonly tests: Tests | null;
  readonly licences: Licences | null;
  /** Of all, highest risk first. */
  readonly findings: readonly Finding[];
  readonly limits: readonly string[];
  /** The specialists that handed in nothing. */
  readonly missing: readonly Field[];
}

export type Field = "history" | "code" | "knowledge" | "dependencies" | "tests" | "licences";

export type Viewpoint = "maintainability" | "supply chain" | "operations";

export interface Vote {
  readonly viewpoint: Viewpoint;
  readonly risk: Risk;
  readonly reasons: readonly string[];
}

export interface Grade {
  /** `null` when nobody voted. */
  readonly risk: Risk | null;
  readonly votes: readonly Vote[];
  /** Votes for another risk than the grade. */
  readonly dissent: readonly Vote[];
  /** Reviewers that failed, which counts for nothing, not for "low". */
  readonly abstained: number;
}
