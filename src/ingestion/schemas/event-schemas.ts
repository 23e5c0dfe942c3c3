import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type Fault } from '@wapas/problems';
import { operationAudit } from '../../access/access.api';
import { Log } from '../../log';
import { type NewEvent } from '../rules/new-event';
import { compileSchema } from './rules/safe-schema';
import { type EventSchema, eventSchemaStore, type SchemaMode } from './store/event-schema.store';

const LOOK_AGAIN_MS = 2_000;

interface Compiled {
  readonly said: EventSchema;
  readonly faultsOf: (content: NewEvent['content']) => readonly Fault[];
}

/**
 * What operators demand of events by their name. Compiled once and kept in memory; an event without a schema costs one look
 * into a map. Other containers follow a change within two seconds.
 */
@Injectable()
export class EventSchemas {
  private compiled: ReadonlyMap<string, Compiled> = new Map();
  private violations = new Map<string, number>();
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    await this.reload();
    this.timer = setInterval(
      () => void this.refresh().catch((error: unknown) => this.log.trouble('event schemas not refreshed', error)),
      LOOK_AGAIN_MS,
    );
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.writeViolations().catch((error: unknown) => this.log.trouble('schema violations not counted', error));
  }

  /** Why the event must be refused; nothing when it may be recorded. One that only deserves a warning is counted. */
  faultsOf(event: NewEvent): readonly Fault[] {
    const one = this.compiled.get(event.name);
    if (!one) return NONE;
    const faults = one.faultsOf(event.content);
    if (faults.length === 0) return NONE;
    this.violations.set(event.name, (this.violations.get(event.name) ?? 0) + 1);
    return one.said.mode === 'enforce' ? faults : NONE;
  }

  /** In force here with the answer. Gives the schema's faults when it has any. `actor`: the id of the API key, for the audit log. */
  async set(name: string, mode: SchemaMode, schema: unknown, actor: string): Promise<readonly Fault[]> {
    const compiled = compileSchema(schema);
    if (!compiled.ok) return compiled.faults;
    await this.writeViolations();
    await this.database.transaction(async (tx) => {
      await eventSchemaStore.set(tx, name, mode, schema as object);
      await operationAudit.add(tx, { act: 'event_schema_set', subject: name, actor, reason: null });
    });
    await this.reload();
    return NONE;
  }

  /** False when there is none. */
  async remove(name: string, actor: string): Promise<boolean> {
    const removed = await this.database.transaction(async (tx) => {
      const wasThere = await eventSchemaStore.remove(tx, name);
      if (wasThere) await operationAudit.add(tx, { act: 'event_schema_removed', subject: name, actor, reason: null });
      return wasThere;
    });
    await this.reload();
    return removed;
  }

  /** By name, with everything this process has counted so far. */
  async all(): Promise<EventSchema[]> {
    await this.writeViolations();
    return eventSchemaStore.all(this.database);
  }

  private async refresh(): Promise<void> {
    await this.writeViolations();
    await this.reload();
  }

  private async reload(): Promise<void> {
    const next = new Map<string, Compiled>();
    for (const said of await eventSchemaStore.all(this.database)) {
      const known = this.compiled.get(said.name);
      const compiled = known?.said.updatedAt === said.updatedAt && same(known.said, said) ? known : undefined;
      const fresh = compiled ?? compileSchema(said.schema);
      if ('said' in fresh) next.set(said.name, fresh);
      else if (fresh.ok) next.set(said.name, { said, faultsOf: fresh.faultsOf });
    }
    this.compiled = next;
  }

  /** One write at a time. What a write could not bring in stays counted here. */
  private writeViolations(): Promise<void> {
    this.writing = this.writing.catch(() => undefined).then(() => this.writeCounted());
    return this.writing;
  }

  private async writeCounted(): Promise<void> {
    if (this.violations.size === 0) return;
    const counted = this.violations;
    this.violations = new Map();
    try {
      await eventSchemaStore.addViolations(this.database, counted);
    } catch (error) {
      for (const [name, count] of counted) this.violations.set(name, (this.violations.get(name) ?? 0) + count);
      throw error;
    }
  }
}

const NONE: readonly Fault[] = [];
const same = (a: EventSchema, b: EventSchema): boolean =>
  a.mode === b.mode && JSON.stringify(a.schema) === JSON.stringify(b.schema);
