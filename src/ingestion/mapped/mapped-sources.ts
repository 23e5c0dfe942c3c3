import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { newId, toIso } from '@wapas/kernel';
import { type Fault } from '@wapas/problems';
import { operationAudit } from '../../access/access.api';
import { KnownChannels } from '../../known-channels';
import { Log } from '../../log';
import { readMapped } from '../sources/read-mapped';
import { sources } from '../sources/registry';
import { faultOfSecret, type SignatureRecipe } from '../sources/signature';
import { type Source } from '../sources/source';
import { checkDefinition } from './check-definition';
import { type Effective, effectiveOf, eventSourceOf, testedSourceOf } from './definition';
import { mappedSourceStore, type SourceSecret, type StoredSource } from './store/mapped-source.store';

const LOOK_AGAIN_MS = 2_000;
const MAX_SECRETS = 8;

/** A mapped source, ready to check and read webhooks. */
export interface ReadyMappedSource {
  readonly source: Pick<Source, 'name' | 'read' | 'pingField'>;
  readonly recipe: SignatureRecipe;
  /** None while they cannot be opened: then nobody can prove anything. */
  readonly secrets: readonly string[];
  readonly test: boolean;
}

export type Changed =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'refused'; readonly faults: readonly Fault[] };

/**
 * Sources that operators set up. In memory, so that a webhook costs a look into a map; in force here with the answer and in other
 * containers within two seconds.
 */
@Injectable()
export class MappedSources {
  private ready: ReadonlyMap<string, ReadyMappedSource> = new Map();
  private stamp = '';
  private lookedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
    @Inject(Log) private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    await this.reload();
    this.timer = setInterval(
      () => void this.reload().catch((error: unknown) => this.log.trouble('mapped sources not refreshed', error)),
      LOOK_AGAIN_MS,
    );
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One that is not known may have been set up in another container a moment ago: it is looked for once more, once a second at most. */
  async find(name: string): Promise<ReadyMappedSource | undefined> {
    const known = this.ready.get(name);
    if (known || !NAME.test(name) || performance.now() - this.lookedAt < 1_000) return known;
    await this.reload();
    return this.ready.get(name);
  }

  all(): Promise<StoredSource[]> {
    return mappedSourceStore.all(this.database);
  }

  async get(name: string): Promise<StoredSource | undefined> {
    return (await this.all()).find((one) => one.name === name);
  }

  /** Sets a source up, or changes it. Without secrets those it has are kept. `actor`: the id of the API key, for the audit log. */
  async set(name: string, value: unknown, actor: string): Promise<Changed> {
    const outcome = await this.database.transaction(async (tx): Promise<Changed> => {
      const stored = await mappedSourceStore.locked(tx, name);
      const nameFault = faultOfName(name, stored !== undefined);
      const checked = checkDefinition(value, stored !== undefined, this.channels);
      const faults = [...(nameFault ? [nameFault] : []), ...(checked.ok ? [] : checked.faults)];
      if (!checked.ok || faults.length > 0) return { outcome: 'refused', faults };
      // Without new ones those it has are written again: what cannot be read must not be written over.
      if (!checked.secrets && stored?.secrets === null) return NOT_OPENABLE;
      const secrets = checked.secrets?.map((secret) => this.newSecret(secret)) ?? stored?.secrets ?? [];
      const unfit = secrets.some(({ secret }) => faultOfSecret(checked.effective.recipe, secret) !== null);
      if (unfit) return { outcome: 'refused', faults: [UNFIT] };
      await mappedSourceStore.set(tx, name, checked.definition, secrets);
      await operationAudit.add(tx, { act: 'source_set', subject: name, actor, reason: null });
      return { outcome: 'done' };
    });
    await this.reload();
    return outcome;
  }

  /** The sender is about to sign with another secret: from now on both are good. Gives the new one's id. */
  async addSecret(name: string, secret: string, actor: string): Promise<{ id: string } | Exclude<Changed, { outcome: 'done' }>> {
    const added = await this.database.transaction(async (tx) => {
      const stored = await mappedSourceStore.locked(tx, name);
      const effective = stored && effectiveOf(stored.definition);
      if (!stored || !effective) return { outcome: 'unknown' } as const;
      if (stored.secrets === null) return NOT_OPENABLE;
      const detail = faultOfSecret(effective.recipe, secret);
      if (detail !== null) return refused('/secret', 'bad_secret', detail);
      if (stored.secrets.length >= MAX_SECRETS)
        return refused('/secret', 'too_many', `There are ${MAX_SECRETS} already. Remove one that is no longer used.`);
      const fresh = this.newSecret(secret);
      await mappedSourceStore.set(tx, name, stored.definition, [fresh, ...stored.secrets]);
      await operationAudit.add(tx, { act: 'source_secret_added', subject: `${name}/${fresh.id}`, actor, reason: null });
      return { id: fresh.id };
    });
    await this.reload();
    return added;
  }

  /** What is signed with it is refused from now on. The last one stays: a source without a secret would believe nobody. */
  async removeSecret(name: string, id: string, actor: string): Promise<Changed> {
    const outcome = await this.database.transaction(async (tx): Promise<Changed> => {
      const stored = await mappedSourceStore.locked(tx, name);
      if (stored?.secrets === null) return NOT_OPENABLE;
      if (!stored?.secrets.some((one) => one.id === id)) return { outcome: 'unknown' };
      if (stored.secrets.length === 1)
        return refused('id', 'last_secret', 'It is the only one. Add its successor first, or remove the source.');
      await mappedSourceStore.set(
        tx,
        name,
        stored.definition,
        stored.secrets.filter((one) => one.id !== id),
      );
      await operationAudit.add(tx, { act: 'source_secret_removed', subject: `${name}/${id}`, actor, reason: null });
      return { outcome: 'done' };
    });
    await this.reload();
    return outcome;
  }

  /** False when there is none. */
  async remove(name: string, actor: string): Promise<boolean> {
    const removed = await this.database.transaction(async (tx) => {
      const wasThere = await mappedSourceStore.remove(tx, name);
      if (wasThere) await operationAudit.add(tx, { act: 'source_removed', subject: name, actor, reason: null });
      return wasThere;
    });
    await this.reload();
    return removed;
  }

  private newSecret(secret: string): SourceSecret {
    return { id: newId(), secret, addedAt: toIso(this.clock.now()) };
  }

  private async reload(): Promise<void> {
    this.lookedAt = performance.now();
    const stamp = await mappedSourceStore.stamp(this.database);
    if (stamp === this.stamp) return;
    const stored = await mappedSourceStore.all(this.database);
    this.ready = new Map(stored.flatMap((one) => this.toReady(one)));
    this.stamp = stamp;
  }

  private toReady({ name, definition, secrets }: StoredSource): [string, ReadyMappedSource][] {
    const effective = effectiveOf(definition);
    if (!effective) {
      this.log.warn('mapped source has no recipe or mapping any more', { source: name });
      return [];
    }
    if (secrets === null)
      this.log.warn('secrets of a source not openable: is a key of WAPAS_ENCRYPTION_KEYS missing?', { source: name });
    return [
      [
        name,
        readyOf(
          name,
          effective,
          (secrets ?? []).map(({ secret }) => secret),
        ),
      ],
    ];
  }
}

/** Names that events already come under, and those of the tree. */
const TAKEN = /^(api|segment|wapas|derived)(-test)?$/;
const NAME = /^[a-z][a-z0-9-]{1,39}$/;
const UNFIT: Fault = {
  at: '/secrets',
  code: 'bad_secret',
  detail: 'The secrets that are stored do not fit this recipe. Give new ones.',
};

function faultOfName(name: string, isThere: boolean): Fault | undefined {
  if (!NAME.test(name))
    return { at: 'name', code: 'bad_name', detail: 'Use 2 to 40 lower-case letters, digits and dashes, such as travel-desk.' };
  if (sources.has(name) || TAKEN.test(name))
    return { at: 'name', code: 'name_taken', detail: 'A source of this name is built in. Choose another one.' };
  if (!isThere && testedSourceOf(name) !== undefined)
    return { at: 'name', code: 'name_taken', detail: 'Names with -test at their end are for events of sources in test mode.' };
  if (!isThere && name.endsWith('-status'))
    return { at: 'name', code: 'name_taken', detail: 'Names with -status at their end are for what gateways answer when asked.' };
  return undefined;
}

const refused = (at: string, code: string, detail: string): Extract<Changed, { outcome: 'refused' }> => ({
  outcome: 'refused',
  faults: [{ at, code, detail }],
});

const NOT_OPENABLE = refused(
  '/secrets',
  'secrets_not_openable',
  'The secrets that are stored cannot be opened. Give the missing key of WAPAS_ENCRYPTION_KEYS back, or set all secrets anew.',
);

function readyOf(name: string, { recipe, mapping, pingField, test }: Effective, secrets: readonly string[]): ReadyMappedSource {
  return {
    source: {
      name,
      pingField,
      read: (webhook, context) => readMapped(eventSourceOf(name, context.test), mapping, webhook, context).reading,
    },
    recipe,
    secrets,
    test,
  };
}
