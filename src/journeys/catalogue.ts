import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { isRecord } from '@wapas/kernel';
import { Database, type Transaction } from '@wapas/database';
import { type ReadYaml, readYaml } from '@wapas/problems';
import { LintTemplates, Templates } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { faultsOfJson } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { asksOfSteps } from './asks-of-steps';
import { compileVersion } from './rules/compile-version';
import { type JourneyVersion } from './rules/definition';
import { isInShare } from './rules/enrol';
import { type JourneyDefinition } from './rules/journey-definition';
import { type DefinitionFault, parseDefinition } from './rules/parse-definition';
import { type Readable } from './rules/readable-parts';
import { templatesIn } from './rules/templates-in';
import { auditStore } from './store/draft.store';
import { journeyStore, type PublishedVersion, type Release, type Standing } from './store/journey.store';

/** A journey file that could not be published, and why. The healthy ones run. */
export interface BrokenFile {
  readonly file: string;
  readonly faults: readonly DefinitionFault[];
}

/** A journey file as it was read at the start. */
interface ReadFile {
  readonly file: string;
  readonly read: ReadYaml;
}

/** A version with how far it is let out. */
export interface ReleasedVersion extends PublishedVersion {
  readonly compiled: JourneyVersion;
}

export type CheckedDefinition =
  | { readonly ok: true; readonly definition: JourneyDefinition }
  | { readonly ok: false; readonly faults: readonly DefinitionFault[] };

const LOOK_AGAIN_MS = 2_000;
const EVERYBODY: Release = { mode: 'live', share: 100 };
/** Who publishes what lies in the folder. */
const FILES = 'file';

/**
 * The published journeys, in memory. Files are published at start; versions that other containers publish are picked up
 * within two seconds. A run stays on its version for ever, so every version ever published is kept.
 */
@Injectable()
export class Catalogue {
  private versions = new Map<string, ReleasedVersion>();
  /** Newest first. */
  private byKey = new Map<string, ReleasedVersion[]>();
  private standings = new Map<string, Standing>();
  private broken: (BrokenFile & ReadFile & { readonly meant: { key?: string; event?: string } })[] = [];
  /** What was known of templates when the broken files were tried. */
  private triedWith = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Templates) private readonly templates: Templates,
    @Inject(LintTemplates) private readonly lintTemplates: LintTemplates,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Publishes the journey files, loads every version and keeps looking for new ones. */
  async start(): Promise<void> {
    this.triedWith = this.lintTemplates.revision;
    for (const file of await readJourneyFiles(this.config.journeysDir ?? join(__dirname, 'starter')))
      await this.publishFile(file);
    await this.reload();
    this.timer = setInterval(
      () => void this.lookAgain().catch((error: unknown) => this.log.trouble('journeys not reloaded', error)),
      LOOK_AGAIN_MS,
    );
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get brokenFiles(): readonly BrokenFile[] {
    return this.broken;
  }

  /** Journeys that nobody can enter because their file was refused, by the event that would start them. */
  missingBy(event: string): string[] {
    return this.broken.flatMap(({ meant }) =>
      meant.event === event && meant.key !== undefined && !this.byKey.has(meant.key) ? [meant.key] : [],
    );
  }

  /** The newest version of every journey that takes people in, paused ones included: their triggers are refused with a reason. */
  current(): JourneyVersion[] {
    return [...this.byKey].flatMap(([key, [newest]]) => (newest && this.standingOf(key) !== 'archived' ? [newest.compiled] : []));
  }

  /** Every version that people enter to be written to: live, not paused, and not behind one that takes everybody. */
  entered(): JourneyVersion[] {
    return [...this.byKey].flatMap(([key, versions]) => {
      if (this.standingOf(key) !== 'published') return [];
      const forEverybody = versions.findIndex(({ share }) => share === 100);
      const inForce = forEverybody === -1 ? versions : versions.slice(0, forEverybody + 1);
      return inForce.filter(({ mode, share }) => mode === 'live' && share > 0).map(({ compiled }) => compiled);
    });
  }

  /** Every version that a run may be on. */
  all(): JourneyVersion[] {
    return [...this.versions.values()].map(({ compiled }) => compiled);
  }

  find(key: string): JourneyVersion | undefined {
    return this.byKey.get(key)?.[0]?.compiled;
  }

  /** Every version of a journey, newest first; empty when there is no such journey. */
  versionsOf(key: string): readonly ReleasedVersion[] {
    return this.byKey.get(key) ?? [];
  }

  /** Journeys whose runs may go on: all but the paused ones. */
  goingKeys(): string[] {
    return [...this.byKey.keys()].filter((key) => this.standingOf(key) !== 'paused');
  }

  standingOf(key: string): Standing {
    return this.standings.get(key) ?? 'published';
  }

  /** Which version this person enters: the newest whose share has them in, of those with the same trigger and matter; undefined: none. */
  releaseFor(newest: JourneyVersion, unit: string): ReleasedVersion | undefined {
    return this.versionsOf(newest.key).find(
      ({ compiled, share }) => isAlike(compiled, newest) && (share === 100 || isInShare(compiled, unit, share)),
    );
  }

  /** The version a run is on. Throws when it is unknown here: the run is taken up again after the next reload. */
  versionOf(key: string, version: number): JourneyVersion {
    const found = this.versions.get(`${key}@${version}`);
    if (!found) throw new Error(`Version ${version} of journey ${key} is not loaded yet.`);
    return found.compiled;
  }

  /** What no table could keep as it is: it cannot even be a draft. */
  unkeepable(value: unknown): readonly DefinitionFault[] {
    if (!isRecord(value)) return [{ at: '/', code: 'not_an_object', detail: 'A definition is a JSON object.' }];
    return faultsOfJson(value).map((fault) => ({ ...fault, at: fault.at === '' ? '/' : fault.at }));
  }

  /** Everything that is wrong with a definition, in one round: its form, what it means and its templates. */
  check(value: unknown): CheckedDefinition {
    const unkeepable = this.unkeepable(value);
    if (unkeepable.some(({ code }) => code === 'not_an_object' || code === 'too_deep')) return { ok: false, faults: unkeepable };
    const parsed = parseDefinition(value);
    const faults = [...unkeepable, ...(parsed.ok ? [] : parsed.faults)];
    faults.push(...this.faultsOfTemplates(parsed.readable, faults));
    return parsed.ok && faults.length === 0 ? parsed : { ok: false, faults };
  }

  /** Publishes a definition unless the latest version says the same. Gives its faults when it has any. */
  async publish(
    value: unknown,
    release: Release = EVERYBODY,
    actor: string = FILES,
  ): Promise<{ faults: readonly DefinitionFault[] } | { version: number; isNew: boolean }> {
    const checked = this.check(value);
    if (!checked.ok) return { faults: checked.faults };
    return this.database.transaction((tx) => this.publishIn(tx, checked.definition, release, actor));
  }

  async publishIn(tx: Transaction, definition: JourneyDefinition, release: Release, actor: string) {
    const contentHash = createHash('sha256').update(JSON.stringify(definition)).digest('hex');
    if (actor === FILES) {
      await journeyStore.lock(tx, definition.key);
      // A file that has not changed since does not take back what was published through the API after it.
      const last = await auditStore.lastPublishedBy(tx, definition.key, FILES);
      if (last?.contentHash === contentHash) return { version: last.version, isNew: false };
    }
    const published = await journeyStore.publish(tx, definition, contentHash, release);
    if (published.isNew) await auditStore.add(tx, definition.key, published.version, 'published', actor, release);
    return published;
  }

  private faultsOfTemplates(readable: Readable<JourneyDefinition>, faults: readonly DefinitionFault[]): DefinitionFault[] {
    const asks = asksOfSteps(readable, faults);
    const isThere = (channel: string) => !this.templates.faultsOf(channel, {}).some(({ code }) => code === 'unknown_channel');
    const unknown = (readable.parts.steps ?? []).flatMap((step, index): DefinitionFault[] => {
      if (step?.channel === undefined || isThere(step.channel)) return [];
      const detail = `There is no channel "${step.channel}". Use push, whatsapp, sms or the channel of a provider that was added.`;
      return [{ at: `/steps/${index}/channel`, code: 'unknown_channel', detail }];
    });
    const ofTemplates = templatesIn(readable.parts)
      .filter(({ channel }) => isThere(channel))
      .flatMap(({ at, step, channel, template }) =>
        this.templates.faultsOf(channel, template, asks[step] ?? null).map((fault) => ({ ...fault, at: `${at}${fault.at}` })),
      );
    return [...unknown, ...ofTemplates];
  }

  async reload(): Promise<void> {
    const versions = new Map<string, ReleasedVersion>();
    const byKey = new Map<string, ReleasedVersion[]>();
    const standings = await journeyStore.standings(this.database);
    for (const row of await journeyStore.all(this.database)) {
      const name = `${row.key}@${row.version}`;
      const released = { ...row, compiled: this.versions.get(name)?.compiled ?? compileVersion(row.definition, row.version) };
      versions.set(name, released);
      byKey.set(row.key, [released, ...(byKey.get(row.key) ?? [])]);
    }
    this.versions = versions;
    this.byKey = byKey;
    this.standings = standings;
  }

  /** A file that was refused for a template is tried again when something is known of templates that was not known then. */
  private async lookAgain(): Promise<void> {
    const { revision } = this.lintTemplates;
    if (this.broken.length > 0 && revision !== this.triedWith) {
      // One after the other: what was not tried again, since the database failed, stays refused and has its turn later.
      for (const one of [...this.broken]) {
        await this.publishFile(one);
        this.broken.splice(this.broken.indexOf(one), 1);
      }
      this.triedWith = revision;
    }
    await this.reload();
  }

  private async publishFile({ file, read }: ReadFile): Promise<void> {
    const result = read.ok ? await this.publish(read.value) : read;
    if ('version' in result) {
      if (result.isNew) this.log.info('journey published', { file, version: result.version });
      return;
    }
    const { key, trigger } = read.ok ? parseDefinition(read.value).readable.parts : {};
    this.broken.push({ file, read, faults: result.faults, meant: { key, event: trigger?.event } });
    this.log.warn('journey file refused', {
      file,
      problems: result.faults.map(({ at, detail }) => `${at}: ${detail}`).join(' · '),
    });
  }
}

/** The older version can stand in for the newer one: the same event starts it, and the same keys name the matter. */
function isAlike(one: JourneyVersion, other: JourneyVersion): boolean {
  const matterOf = ({ trigger, correlateBy, correlateWith }: JourneyVersion): string =>
    [trigger.event, ...correlateBy, ...correlateWith].join(' ');
  return one === other || matterOf(one) === matterOf(other);
}

async function readJourneyFiles(folder: string): Promise<ReadFile[]> {
  const names = (await readdir(folder)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
  return Promise.all(names.map(async (file) => ({ file, read: await readJourneyFile(join(folder, file)) })));
}

/** What cannot even be opened (no permission, a link to nowhere, a folder of that name) is one broken file among the healthy ones. */
async function readJourneyFile(path: string): Promise<ReadYaml> {
  try {
    return readYaml(await readFile(path, 'utf8'));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'no reason given';
    const detail = `The file cannot be read (${why}). Mend that and start again.`;
    return { ok: false, faults: [{ at: '/', code: 'not_readable', detail }] };
  }
}
