import type { RunEvent } from "../run/events.ts";
import type { Store } from "../store/port.ts";
import type { Watchers } from "./watch.ts";

const EVENTS_PER_PAGE = 1_000;

interface Followed {
  readonly store: Store;
  readonly watchers: Watchers;
  /** Whether the run is in memory, so that more may come. */
  readonly isOpen: () => boolean;
}

/** Reads what is durable and sleeps on what is to come: however slow the reader, nothing is lost or piled up. */
export async function* follow(
  { store, watchers, isOpen }: Followed,
  runId: string,
  fromSeq: number,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  let seq = fromSeq;
  const wakes: (() => void)[] = [];
  const wake = (): void => wakes.pop()?.();
  let news = false;
  const disarm = watchers.watch(runId, () => {
    news = true;
    wake();
  });
  signal.addEventListener("abort", wake, { once: true });
  try {
    while (!signal.aborted) {
      news = false;
      const events = await store.events(runId, seq, EVENTS_PER_PAGE);
      for (const event of events) {
        yield event;
        seq = event.seq;
        if (endsRun(event)) return;
      }
      if (!isOpen() && events.length === 0) return;
      if (events.length === 0 && !news) await watchers.until<void>((resolve) => void wakes.push(resolve));
    }
  } finally {
    disarm();
    signal.removeEventListener("abort", wake);
  }
}

function endsRun({ type }: RunEvent): boolean {
  return type === "run.completed" || type === "run.failed" || type === "run.cancelled";
}
