/** The files `tutti init` makes: an agent, a step that may be left out, one that puts the others together. */

const WORKFLOW = `# tutti run workflow.yaml --input name=Ada
tutti: "1"
id: hello
version: "1"
input:
  type: object
  properties: { name: { type: string } }
agents:
  - { id: writer, capabilities: [writing], version: 1.0.0, uses: "./steps.mjs#write" }
steps:
  look:   { uses: "./steps.mjs#look" }
  greet:  { agent: writer, input: { name: "\${has(input.name) ? input.name : 'world'}" } }
  remark: { needs: [look], when: "needs.look.hour < 12", uses: "./steps.mjs#remark" }
  card:   { needs: [greet, remark], join: settled, uses: "./steps.mjs#card" }
output: { card: "\${steps.card}" }
`;

const STEPS = `// A step is a function of its input. What it returns is kept; after a crash it is not asked again.

export function look() {
  return { hour: new Date().getHours() };
}

// An agent gets what the step's input says, and a context with a signal, a log and a key against doing things twice.
export function write({ name }, { log }) {
  log.info(\`writing to \${name}\`);
  return \`Hello, \${name}!\`;
}

export function remark({ needs }) {
  return \`It is only \${needs.look.hour} o'clock.\`;
}

// Joined by "settled": a step that was left out is told as such.
export function card({ needs }) {
  return [needs.greet, needs.remark].flatMap((need) => (need.status === "completed" ? [need.output] : [])).join(" ");
}
`;

const README = `# hello

\`tutti run workflow.yaml --input name=Ada\` runs it, \`tutti graph workflow.yaml\` draws it, \`tutti runs list\` shows what ran.
Stop it half-way in any manner: \`tutti recover\` goes on where it was.
`;

/** File → text. */
export const TEMPLATE: Readonly<Record<string, string>> = {
  "workflow.yaml": WORKFLOW,
  "steps.mjs": STEPS,
  "README.md": README,
};
