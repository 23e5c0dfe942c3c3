import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '@wapas/database';
import { groupBy } from '@wapas/kernel';
import { type Fault, readYaml } from '@wapas/problems';
import { operationAudit } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { Log } from '../../log';
import { parseDerived } from './rules/definition';
import { type WaitTerms } from './rules/settle-wait';
import { derivedStore, type DerivedVersion } from './store/derived.store';

/** The definitions at one moment. */
export class DefinitionBook {
  private readonly terms = new Map<number, WaitTerms & { version: DerivedVersion }>();
  private readonly inForce: DerivedVersion[];
  private readonly byActivity: ReadonlyMap<string, readonly DerivedVersion[]>;

  /** All versions, ascending within a key. */
  constructor(readonly versions: readonly DerivedVersion[]) {
    const latest = [...groupBy(versions, ({ key }) => key).values()].map((all) => all[all.length - 1] as DerivedVersion);
    this.inForce = latest.filter(({ retiredAt }) => retiredAt === null);
    this.byActivity = byActivityOf(this.inForce);
    for (const last of latest) {
      for (const version of versions.filter(({ key }) => key === last.key)) {
        const successor = version.id === last.id ? undefined : { id: last.id, idle: last.idle, publishedAt: last.publishedAt };
        this.terms.set(version.id, { version, idle: version.idle, isRetired: last.retiredAt !== null, successor });
      }
    }
  }

  current = (): readonly DerivedVersion[] => this.inForce;
  find = (key: string): DerivedVersion | undefined => this.inForce.find((version) => version.key === key);
  /** Definitions for which an event of this name is activity. */
  startedBy = (eventName: string): readonly DerivedVersion[] => this.byActivity.get(eventName) ?? [];
  termsOf = (id: number): (WaitTerms & { version: DerivedVersion }) | undefined => this.terms.get(id);
}

function byActivityOf(versions: readonly DerivedVersion[]): ReadonlyMap<string, readonly DerivedVersion[]> {
  const pairs = versions.flatMap((version) => version.definition.after.map((name) => ({ name, version })));
  return new Map([...groupBy(pairs, ({ name }) => name)].map(([name, all]) => [name, all.map(({ version }) => version)]));
}

export type PublishedDerived = { readonly faults: readonly Fault[] } | { readonly version: number; readonly isNew: boolean };

/**
 * The published definitions. Whoever decides by them asks for the book inside its transaction: one cheap look says whether the
 * remembered one still holds, so a change is in force everywhere with its commit.
 */
@Injectable()
export class DerivedDefinitions {
  private remembered: { stamp: string; book: DefinitionBook } | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'journeysDir'>,
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {}

  async book(db: Queryable): Promise<DefinitionBook> {
    const stamp = await derivedStore.stamp(db);
    if (this.remembered?.stamp === stamp) return this.remembered.book;
    const book = new DefinitionBook(await derivedStore.all(db));
    this.remembered = { stamp, book };
    return book;
  }

  /** Publishes the files: those in `derived` beside the journeys, else the starter ones. A broken file does not stop the others. */
  async start(): Promise<void> {
    for (const { file, text } of await this.files()) {
      const read = readYaml(text);
      const result = read.ok ? await this.publish(read.value, null) : read;
      if ('faults' in result)
        this.log.warn('derived event file refused', {
          file,
          problems: result.faults.map(({ at, detail }) => `${at}: ${detail}`).join(' · '),
        });
      else if (result.isNew) this.log.info('derived event published', { file, version: result.version });
    }
  }

  /**
   * Publishes a definition unless the version in force says the same. Gives its faults when it has any. `actor`: the id of the API key, for
   * the audit log; null: a file, as it lies there at a start.
   */
  async publish(value: unknown, actor: string | null): Promise<PublishedDerived> {
    return this.database.transaction(async (tx) => {
      const book = await this.lockedBook(tx);
      const parsed = parseDerived(
        value,
        book.current().map(({ definition }) => definition),
      );
      if (!parsed.ok) return { faults: parsed.faults };
      const { definition, idle } = parsed;
      const contentHash = createHash('sha256').update(JSON.stringify(definition)).digest('hex');
      const last = book.versions.findLast(({ key }) => key === definition.key);
      // A file that was retired through the API does not come back with the next start, unless it has changed.
      if (last?.contentHash === contentHash && (last.retiredAt === null || actor === null))
        return { version: last.version, isNew: false };
      const version = await derivedStore.publish(tx, definition, idle, contentHash);
      if (actor !== null) {
        const subject = `${definition.key} v${version}`;
        await operationAudit.add(tx, { act: 'derived_event_set', subject, actor, reason: null });
      }
      return { version, isNew: true };
    });
  }

  /** How many keys each definition waits for, all its versions together. */
  async waiting(): Promise<ReadonlyMap<string, number>> {
    const book = await this.book(this.database);
    const counts = new Map<string, number>();
    for (const { definitionId, count } of await derivedStore.waiting(this.database)) {
      const key = book.termsOf(definitionId)?.version.key;
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + count);
    }
    return counts;
  }

  /** False when there is none of this key in force. Its waits come to nothing. */
  async retire(key: string, actor: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      await derivedStore.lockPublishing(tx);
      const wasThere = await derivedStore.retire(tx, key);
      if (wasThere) await operationAudit.add(tx, { act: 'derived_event_removed', subject: key, actor, reason: null });
      return wasThere;
    });
  }

  private async lockedBook(tx: Transaction): Promise<DefinitionBook> {
    await derivedStore.lockPublishing(tx);
    return new DefinitionBook(await derivedStore.all(tx));
  }

  private async files(): Promise<{ file: string; text: string }[]> {
    const own = this.config.journeysDir && (await readFolder(join(this.config.journeysDir, 'derived')));
    return own || ((await readFolder(join(__dirname, 'starter'))) ?? []);
  }
}

/** Undefined when there is no such folder. */
async function readFolder(folder: string): Promise<{ file: string; text: string }[] | undefined> {
  const all = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const names = all?.filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
  return names && Promise.all(names.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })));
}
