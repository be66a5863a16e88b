/** An ordinary step: puts together what the specialists handed in, and says of the others that they are missing. */
import { RISKS, type Evidence, type Field, type Told } from "./findings.ts";
import { plain } from "./markdown.ts";

/** How a specialist's step ended (the shape that `join: "settled"` gives). */
export type End<T> =
  | { readonly status: "completed"; readonly output: T }
  | { readonly status: "failed"; readonly error: { readonly message: string } }
  | { readonly status: "skipped" | "cancelled"; readonly reason: string };

type Specialists = Pick<Evidence, Field>;
type Ends = { readonly [field in Field]: End<NonNullable<Specialists[field]>> };

export function gather(ends: Ends): Evidence {
  const told: Told[] = [];
  const missing: Field[] = [];
  const reasons: string[] = [];
  const take = <T extends Told>(field: Field, end: End<T>): T | null => {
    if (end.status === "completed") {
      told.push(end.output);
      return end.output;
    }
    missing.push(field);
    const why = end.status === "failed" ? end.error.message : end.reason.replaceAll("_", " ");
    reasons.push(`**The ${field} could not be measured**: ${plain(why)}`);
    return null;
  };
  const specialists: Specialists = {
    history: take("history", ends.history),
    code: take("code", ends.code),
    knowledge: take("knowledge", ends.knowledge),
    dependencies: take("dependencies", ends.dependencies),
    tests: take("tests", ends.tests),
    licences: take("licences", ends.licences),
  };
  return {
    ...specialists,
    findings: told.flatMap(({ findings }) => findings).sort((a, b) => RISKS.indexOf(b.risk) - RISKS.indexOf(a.risk)),
    limits: [...reasons, ...told.flatMap(({ limits }) => limits)],
    missing,
  };
}
