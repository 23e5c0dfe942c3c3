import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { isCatalogued } from '../catalogue/event-catalogue';
import { DerivedDefinitions } from '../derived/derived-definitions';
import { type EventNameCount, eventNameStore } from '../store/event-name.store';
import { EventSchemas } from './event-schemas';
import { type EventSchema } from './store/event-schema.store';

const PAGE = 200;

export interface NamedEvents extends EventNameCount {
  readonly schema?: EventSchema;
  /** Whether the catalogue, a schema or a derived event speaks of this name. */
  readonly known: boolean;
}

/** Which events come in at all: what nobody expects is kept like everything else, and can be seen here. */
@Injectable()
export class ListEventNames {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DerivedDefinitions) private readonly definitions: DerivedDefinitions,
    @Inject(EventSchemas) private readonly schemas: EventSchemas,
  ) {}

  async page(after: string): Promise<{ names: NamedEvents[]; next: string | null }> {
    const [counts, schemas, book] = await Promise.all([
      eventNameStore.page(this.database, after, PAGE + 1),
      this.schemas.all(),
      this.definitions.book(this.database),
    ]);
    const bySchema = new Map(schemas.map((schema) => [schema.name, schema]));
    const mentioned = new Set(
      book.current().flatMap(({ definition: { event, after: activity, unless = [] } }) => [event, ...activity, ...unless]),
    );
    const names = counts.slice(0, PAGE).map((one) => ({
      ...one,
      schema: bySchema.get(one.name),
      known: isCatalogued(one.name) || bySchema.has(one.name) || mentioned.has(one.name),
    }));
    return { names, next: counts.length > PAGE ? (names[names.length - 1]?.name ?? null) : null };
  }
}
