import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { parse as parseYaml } from 'yaml';
import { Templates } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { type JourneyVersion } from './rules/definition';
import { compileVersion, type DefinitionFault, type JourneyDefinition, parseDefinition } from './rules/parse-definition';
import { journeyStore } from './store/journey.store';

/** A journey file that could not be published, and why. The healthy ones run. */
export interface BrokenFile {
  readonly file: string;
  readonly faults: readonly DefinitionFault[];
}

const LOOK_AGAIN_MS = 2_000;

/**
 * The published journeys, in memory. Files are published at start; versions that other containers publish are picked up
 * within two seconds. A run stays on its version for ever, so every version ever published is kept.
 */
@Injectable()
export class Catalogue {
  private versions = new Map<string, JourneyVersion>();
  private latest = new Map<string, JourneyVersion>();
  private broken: BrokenFile[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Templates) private readonly templates: Templates,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Publishes the journey files, loads every version and keeps looking for new ones. */
  async start(): Promise<void> {
    for (const { file, text } of await readJourneyFiles(this.config.journeysDir ?? join(__dirname, 'starter')))
      await this.publishFile(file, text);
    await this.reload();
    this.timer = setInterval(
      () => void this.reload().catch((error: unknown) => this.log.trouble('journeys not reloaded', error)),
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

  /** The versions that new triggers enter. */
  current(): JourneyVersion[] {
    return [...this.latest.values()];
  }

  /** Every version that a run may be on. */
  all(): JourneyVersion[] {
    return [...this.versions.values()];
  }

  find(key: string): JourneyVersion | undefined {
    return this.latest.get(key);
  }

  /** The version a run is on. Throws when it is unknown here: the run is taken up again after the next reload. */
  versionOf(key: string, version: number): JourneyVersion {
    const found = this.versions.get(`${key}@${version}`);
    if (!found) throw new Error(`Version ${version} of journey ${key} is not loaded yet.`);
    return found;
  }

  /** Publishes a definition unless the latest version says the same. Gives its faults when it has any. */
  async publish(value: unknown): Promise<{ faults: readonly DefinitionFault[] } | { version: number; isNew: boolean }> {
    const parsed = parseDefinition(value);
    if (!parsed.ok) return { faults: parsed.faults };
    const faults = this.faultsOfTemplates(parsed.definition);
    if (faults.length > 0) return { faults };
    const contentHash = createHash('sha256').update(JSON.stringify(parsed.definition)).digest('hex');
    return this.database.transaction((tx) => journeyStore.publish(tx, parsed.definition, contentHash));
  }

  async reload(): Promise<void> {
    const versions = new Map<string, JourneyVersion>();
    const latest = new Map<string, JourneyVersion>();
    for (const { key, version, definition } of await journeyStore.all(this.database)) {
      const known = this.versions.get(`${key}@${version}`) ?? compileVersion(definition, version);
      versions.set(`${key}@${version}`, known);
      latest.set(key, known);
    }
    this.versions = versions;
    this.latest = latest;
  }

  private async publishFile(file: string, text: string): Promise<void> {
    const result = await this.publish(readYaml(text));
    if ('version' in result) {
      if (result.isNew) this.log.info('journey published', { file, version: result.version });
      return;
    }
    this.broken.push({ file, faults: result.faults });
    this.log.warn('journey file refused', {
      file,
      problems: result.faults.map(({ at, detail }) => `${at}: ${detail}`).join(' · '),
    });
  }

  private faultsOfTemplates(definition: JourneyDefinition): DefinitionFault[] {
    return definition.steps.flatMap((step, index) =>
      step.messages.flatMap(({ template }, position) =>
        this.templates
          .faultsOf(step.channel, template)
          .map((fault) => ({ ...fault, at: `/steps/${index}/messages/${position}/template${fault.at}` })),
      ),
    );
  }
}

async function readJourneyFiles(folder: string): Promise<{ file: string; text: string }[]> {
  const names = (await readdir(folder)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
  return Promise.all(names.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })));
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return undefined; // Not YAML: the definition check refuses it with a fault of its own.
  }
}
