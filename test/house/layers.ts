/**
 * DESIGN.md section 2 as a table. A zone is a folder of src/ (an adapter's folder is a zone of its own); a row
 * names the zones it may import beside itself. Whoever adds a folder adds its row here, and says in the change why
 * it stands where it stands.
 */
const HEART = ["errors", "agent", "workflow", "limit", "task", "message", "run"];
/** L0 and L1: no Node module, no package with code of its own beside the few below, so they run in a browser. */
const PURE = ["std", ...HEART, "coordination", "planning", "evaluation", "schedule"];
const PORTS = ["store", "executor", "bus", "telemetry"];
const ADAPTERS = PORTS.map((port) => `${port}/*`);
const BELOW_FACETS = [...PURE, "host", ...PORTS, "engine", "scale"];

export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  std: [],
  // Inside L1 each may import those before it.
  ...Object.fromEntries(HEART.map((zone, index) => [zone, ["std", ...HEART.slice(0, index)]])),
  coordination: ["std", ...HEART],
  planning: ["std", ...HEART],
  evaluation: ["std", ...HEART],
  schedule: ["std", ...HEART],
  host: PURE,
  // Ports know the domain; an adapter knows its port, the host and its driver, never a sibling or the engine.
  ...Object.fromEntries(PORTS.flatMap((port) => [port, `${port}/*`].map((zone) => [zone, [...PURE, "host", port]]))),
  api: PURE,
  client: ["std", "errors", "workflow", "run", "api"],
  dashboard: ["std", "errors", "workflow", "run", "api", "client"],
  engine: [...PURE, "host", ...PORTS],
  scale: [...PURE, "host", ...PORTS],
  facets: BELOW_FACETS,
  server: [...BELOW_FACETS, "api", "facets"],
  // The one composition root.
  orchestrator: [...BELOW_FACETS, ...ADAPTERS, "api", "facets", "server", "options"],
  // The one beside it, for stores that are only read: it loads no engine.
  reading: ["facets", "store/*"],
  // What createOrchestrator may be told.
  options: [...BELOW_FACETS, "facets"],
  cli: [...PURE, "host", "api", "client", "facets", "server", "orchestrator", "reading", "options"],
  testing: [...BELOW_FACETS, ...ADAPTERS, "facets", "options", "orchestrator"],
  // The public surface: it only names what others make.
  index: [...BELOW_FACETS, ...ADAPTERS, "facets", "options", "orchestrator"],
  // Users' code: the package by its name, and their own files.
  examples: [],
  bench: [...BELOW_FACETS, ...ADAPTERS, "api", "client", "facets", "server", "orchestrator", "testing", "index"],
};

/** Zones that run in a browser. */
export const NO_NODE: readonly string[] = [...PURE, "api", "client", "dashboard"];

/** Node modules that reach outside the process, and the zones that may. Users' code and benches may anything. */
export const GUARDED_NODE: Readonly<Record<string, readonly string[]>> = {
  "node:child_process": ["host"],
  "node:fs": ["host"],
  "node:fs/promises": ["host"],
  "node:module": ["host"],
  "node:vm": [],
  "node:dns": ["host"],
  "node:http": ["host", "server"],
  "node:https": ["host", "server"],
  "node:net": ["host", "server"],
};

/** Packages, and the zones that may import them. A driver belongs to its adapter. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // Expressions and the checks of inputs run where definitions do, in a browser too.
  "@cfworker/json-schema": ["workflow"],
  "@marcbachmann/cel-js": ["workflow"],
  "@photostructure/sqlite": ["store/*", "bench"],
  "@standard-schema/spec": ["agent", "workflow", "engine", "facets", "orchestrator"],
  // The command line: its grammar, and colour that knows when there is none.
  commander: ["cli"],
  picocolors: ["cli"],
  semver: ["agent"],
  uuidv7: ["std"],
  // Documents.
  yaml: ["workflow", "cli"],
  // Importing it takes 50 ms: what the command line loads at every start does without.
  zod: ["api", "server", "examples"],
  // Only for modules in TypeScript, which Node 20 cannot load.
  tsx: ["host"],
  tutti: ["examples", "bench"],
  // Peers, measured beside us: installed in bench/peers alone.
  "@langchain/langgraph": ["bench"],
  "@langchain/langgraph-checkpoint-sqlite": ["bench"],
  "@restatedev/restate-sdk": ["bench"],
  bullmq: ["bench"],
};

const ADAPTER = new RegExp(`^src/((?:${PORTS.join("|")})/[^/]+)/`);

/** The zone of a file, and its row in the table. */
export function zoneOf(path: string): { readonly zone: string; readonly row: string } {
  const adapter = ADAPTER.exec(path)?.[1];
  if (adapter) return { zone: adapter, row: adapter.replace(/\/.*/, "/*") };
  const inSrc = /^src\/([^/.]+)/.exec(path)?.[1];
  const zone = inSrc ?? path.replace(/\/.*/, "");
  return { zone, row: zone };
}
