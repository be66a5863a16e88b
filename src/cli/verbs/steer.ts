/** `tutti runs pause|resume|cancel|kill`: one word to one run, whoever owns the store, or nobody. */
import { command } from "../desk/command.ts";
import type { Verb as SteeringVerb } from "../desk/desk.ts";
import { openReading } from "../desk/reading.ts";
import { visible } from "../display/text.ts";
import { EXIT } from "../exit.ts";
import type { Verb } from "../context.ts";
import { knownRun } from "./known.ts";

export function steer(verb: SteeringVerb): Verb<{ readonly reason?: string }> {
  return async (context, [id = ""], { reason }) => {
    const { store } = context.config;
    await command(store, id, verb, reason);
    await using desk = await openReading(store);
    const { status } = await knownRun(desk, id);
    if (context.json) context.printJson({ id, status });
    else context.print(`${context.out.state(status)}  ${visible(id)}\n`);
    if (desk.owner === undefined && verb === "resume") context.tell("Nobody owns the store now. Go on: tutti recover");
    return EXIT.done;
  };
}
