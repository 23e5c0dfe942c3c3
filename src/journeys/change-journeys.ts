import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { StopSending } from '../channels/channels.api';
import { Catalogue } from './catalogue';
import { type JourneyDefinition } from './rules/journey-definition';
import { type DefinitionFault } from './rules/parse-definition';
import { auditStore, type Draft, draftStore } from './store/draft.store';
import { journeyStore, type Release, type ReleaseChange, type Standing } from './store/journey.store';

export type Publication =
  | { readonly outcome: 'published'; readonly version: number; readonly isNew: boolean }
  | { readonly outcome: 'refused'; readonly faults: readonly DefinitionFault[] }
  | { readonly outcome: 'no_draft' };

/** `archived`: it was not paused. */
export type Change = { readonly outcome: 'changed' | 'unknown' | 'archived' };

/** A journey's life through the API: draft, checked, published for ever, let out, paused, archived. Each act is kept with who did it. */
@Injectable()
export class ChangeJourneys {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(StopSending) private readonly stopSending: StopSending,
  ) {}

  /** Keeps a draft, sound or not, and says what is wrong with it. Replaces the draft before it. */
  async draft(key: string, definition: unknown, actor: string): Promise<readonly DefinitionFault[]> {
    const faults = this.faultsOf(key, definition);
    await this.database.transaction(async (tx) => {
      await draftStore.save(tx, key, definition, faults, actor);
      await auditStore.add(tx, key, null, 'drafted', actor, { faults: faults.length });
    });
    return faults;
  }

  /** Everything that keeps a definition from being published under this key. */
  faultsOf(key: string, definition: unknown): DefinitionFault[] {
    const checked = this.catalogue.check(definition);
    const faults = checked.ok ? [] : checked.faults;
    if (faults.some(({ code }) => code === 'not_an_object') || (definition as { key?: unknown }).key === key) return [...faults];
    return [...faults, { at: '/key', code: 'other_key', detail: 'It must be the key in the address.' }];
  }

  findDraft(key: string): Promise<Draft | null> {
    return draftStore.find(this.database, key);
  }

  /** Publishes the draft as the next version. Two who publish the same draft at once publish one version. */
  async publishDraft(key: string, release: Release, actor: string): Promise<Publication> {
    const result = await this.database.transaction(async (tx): Promise<Publication> => {
      await journeyStore.lock(tx, key);
      const draft = await draftStore.find(tx, key);
      if (!draft) return { outcome: 'no_draft' };
      // Checked once more: templates and rules may have changed since it was written.
      const faults = this.faultsOf(key, draft.definition);
      if (faults.length > 0) return { outcome: 'refused', faults };
      const published = await this.catalogue.publishIn(tx, draft.definition as JourneyDefinition, release, actor);
      await draftStore.remove(tx, key);
      return { outcome: 'published', ...published };
    });
    if (result.outcome === 'published') await this.catalogue.reload();
    return result;
  }

  /** Lets a version out further, or less far. Who has entered stays. */
  release(key: string, version: number, change: ReleaseChange, actor: string): Promise<Change> {
    const isKnown = this.catalogue.versionsOf(key).some((one) => one.version === version);
    return this.change(key, isKnown, async (tx) => {
      const release = await journeyStore.release(tx, key, version, change);
      await auditStore.add(tx, key, version, 'released', actor, release);
      return 'changed';
    });
  }

  /**
   * Pausing keeps people in flight: what comes due is parked, what is planned is not claimed. Afterwards they go on at a
   * steady pace, each step by its own rule of what is too late. An archived journey takes nobody in; who is under way
   * finishes. It cannot be paused: afterwards it would take people in again.
   */
  stand(key: string, standing: Standing, actor: string): Promise<Change> {
    return this.change(key, this.catalogue.find(key) !== undefined, async (tx) => {
      if (standing === 'paused' && (await journeyStore.standings(tx)).get(key) === 'archived') return 'archived';
      await journeyStore.setStanding(tx, key, standing);
      if (standing === 'paused') await this.stopSending.ofJourney(tx, key, actor);
      else await this.stopSending.resumeJourney(tx, key);
      await auditStore.add(tx, key, null, standing === 'published' ? 'resumed' : standing, actor);
      return 'changed';
    });
  }

  audit(key: string) {
    return auditStore.ofJourney(this.database, key);
  }

  private async change(key: string, isKnown: boolean, work: (tx: Transaction) => Promise<Change['outcome']>): Promise<Change> {
    if (!isKnown) return { outcome: 'unknown' };
    const outcome = await this.database.transaction(async (tx) => {
      await journeyStore.lock(tx, key);
      return work(tx);
    });
    await this.catalogue.reload();
    return { outcome };
  }
}
