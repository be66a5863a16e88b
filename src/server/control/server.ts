/** The socket of the process that owns a store: who may come is who may open its folder, the same user. */
import { createServer } from "node:net";
import type { Server } from "node:net";
import { TuttiError } from "../../errors.ts";
import { ownerOf, storeName, writeOwner } from "../../host/owner.ts";
import { listenFor } from "../../host/socket.ts";
import type { Clock } from "../../std/clock.ts";
import { Connection } from "./connection.ts";
import type { Control } from "./control.ts";
import { localControl } from "./local.ts";
import type { Controlled } from "./local.ts";

const CONNECTIONS = 128;

export interface ControlServerOptions {
  /** The caller holds its lock. */
  readonly store: string;
  readonly clock: Clock;
  readonly report: (line: string) => void;
}

export class ControlServer {
  private readonly options: ControlServerOptions;
  private readonly store: string;
  private readonly server: Server;
  private readonly connections = new Set<Connection>();
  private readonly control: Promise<Control>;
  private ready!: (control: Control) => void;
  private closing: Promise<void> | undefined;

  private constructor(options: ControlServerOptions) {
    this.options = options;
    this.store = storeName(options.store);
    this.control = new Promise((resolve) => (this.ready = resolve));
    this.server = createServer((socket) => {
      // Clients are served while there is work; they are not a reason to stay.
      socket.unref();
      const connection = new Connection(socket, { control: this.control, clock: options.clock });
      if (this.connections.size >= CONNECTIONS)
        return void connection.refuse(
          new TuttiError("LIMIT_REACHED", { what: "The number of clients", limit: CONNECTIONS }),
        );
      this.connections.add(connection);
      socket.on("close", () => this.connections.delete(connection));
    });
    this.server.unref();
  }

  /** Where no socket can be had it says so, and the store is worked all the same. */
  static async open(options: ControlServerOptions): Promise<ControlServer> {
    const server = new ControlServer(options);
    try {
      const socket = await listenFor(server.store, server.server);
      // No descriptor left for one more client: a later one may find one.
      server.server.on("error", (error) => server.unreachable(error));
      server.announce({ socket });
    } catch (thrown) {
      server.unreachable(thrown);
    }
    return server;
  }

  /** Answers what has been asked since it opened, and from now on. */
  serve(engine: Controlled): void {
    this.ready(localControl(engine));
  }

  /** Nobody else is let in, everyone here is told to ask the next owner, and the socket is gone. */
  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  private async leave(): Promise<void> {
    this.announce({ leaving: true });
    const closed = new Promise((resolve) => this.server.close(resolve));
    await Promise.all([...this.connections].map((connection) => connection.leave()));
    await closed;
  }

  private announce(now: { readonly socket: string } | { readonly leaving: true }): void {
    const startedAt = ownerOf(this.store)?.startedAt ?? this.options.clock.now();
    try {
      writeOwner(this.store, { pid: process.pid, startedAt, ...now });
    } catch (thrown) {
      // A full disk: the work goes on without.
      this.unreachable(thrown);
    }
  }

  private unreachable(thrown: unknown): void {
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    this.options.report(`other terminals may not reach this process: ${problem}`);
  }
}
