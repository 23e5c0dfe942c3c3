import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { type TemplateLibrary, type TemplateNews, type TemplatePage, type VendorTemplate } from '@wapas/provider-kit';
import { DueLoop } from '@wapas/scheduler';
import { Log } from '../log';
import { KeepPauses } from './keep-pauses';
import { NoteMistakes } from './note-mistakes';
import { ProviderRegistry } from './provider-registry';
import { templateName } from './rules/pauses';
import { mendedTemplates } from './rules/template-news';
import { settleInTime } from './settle-in-time';
import { ReadBySomebodyElse, type TemplateSync, vendorTemplateStore } from './store/vendor-template.store';

const LOOK_EVERY_MS = 1_000;
const SYNC_EVERY_MS = 3_600_000;
const AFTER_TROUBLE_MS = 60_000;
/** An account holds 6,000 templates at the most; a vendor that pages in a circle must end somewhere. */
const MOST_PAGES = 400;
/** A start waits no longer than this for a vendor: what was read before is used meanwhile. */
const WAIT_AT_START_MS = 5_000;

/** What came of reading one vendor's list. */
export type SyncResult =
  | { readonly outcome: 'synced'; readonly templates: number; readonly changed: number; readonly gone: number }
  | { readonly outcome: 'failed'; readonly detail: string }
  /** Another container is reading it right now. */
  | { readonly outcome: 'under_way' };

/** A vendor's list as it was read last. */
export interface KnownTemplates extends TemplateSync {
  readonly templates: readonly VendorTemplate[];
}

/**
 * Keeps what vendors have registered: read at start, every hour, when somebody asks, and when a webhook says that something
 * changed. Every process holds it in memory and looks each second whether it is out of date.
 */
@Injectable()
export class SyncTemplates {
  private readonly loop: DueLoop;
  private byProvider: ReadonlyMap<string, ReadonlyMap<string, VendorTemplate>> = new Map();
  private read = '';
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'sync templates',
      fullPass: Number.POSITIVE_INFINITY,
      idleMs: LOOK_EVERY_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  /** Reads every list once, so that journeys are checked against it; a vendor that is slow or away holds no start up. */
  async atStart(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, WAIT_AT_START_MS)));
    await Promise.race([Promise.all(this.libraries().map(({ name }) => this.sync(name))), limit]);
    clearTimeout(timer);
    await this.look();
  }

  start(): void {
    if (this.libraries().length > 0) this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** Names of the providers whose vendors can be asked. */
  get names(): string[] {
    return this.libraries().map(({ name }) => name);
  }

  /**
   * The vendor's template of this name and language. Null: there is none. Undefined: nobody knows, because the provider
   * keeps no list or it was never read.
   */
  find(provider: string, name: string, language: string): VendorTemplate | null | undefined {
    const known = this.byProvider.get(provider);
    return known === undefined ? undefined : (known.get(templateName(name, language)) ?? null);
  }

  /** Every language in which a provider's vendor has this template. */
  languagesOf(provider: string, name: string): VendorTemplate[] {
    return [...(this.byProvider.get(provider)?.values() ?? [])].filter((one) => one.name === name);
  }

  /** Changes whenever what is known does. */
  get revision(): string {
    return this.read;
  }

  async all(): Promise<KnownTemplates[]> {
    await this.look();
    const syncs = new Map((await vendorTemplateStore.syncs(this.database)).map((one) => [one.provider, one]));
    return this.names.map((provider) => ({
      ...(syncs.get(provider) ?? { provider, syncedAt: null, revision: 0, trouble: null }),
      templates: [...(this.byProvider.get(provider)?.values() ?? [])],
    }));
  }

  /** Reads the vendor's whole list now. What was known stays when it cannot be read. */
  async sync(provider: string): Promise<SyncResult> {
    const library = this.libraryOf(provider);
    if (!library) return { outcome: 'failed', detail: 'This provider keeps no list of templates.' };
    const beganAt = await vendorTemplateStore.take(this.database, provider, true);
    return beganAt === null ? { outcome: 'under_way' } : this.readAll(provider, library, beganAt);
  }

  /** A webhook said something of one template: that counts at once, and the whole list is read after it. */
  async hear(tx: Transaction, provider: string, news: TemplateNews): Promise<void> {
    const { template: name, language, status, code, quality, category } = news;
    const change = {
      ...(status === undefined ? {} : { status, code: code ?? status }),
      ...(quality === undefined ? {} : { quality }),
      ...(category === undefined ? {} : { category }),
    };
    await vendorTemplateStore.amend(tx, provider, { name, language }, change);
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) await this.look();
  }

  /** Looks whether what is in memory is still what is stored, and reads it again when not. */
  async look(): Promise<void> {
    const syncs = (await vendorTemplateStore.syncs(this.database)).filter(({ syncedAt }) => syncedAt !== null);
    const stored = syncs.map(({ provider, revision }) => `${provider}@${revision}`).join(' ');
    this.lookedAt = performance.now();
    if (stored === this.read) return;
    const byProvider = new Map(syncs.map(({ provider }) => [provider, new Map<string, VendorTemplate>()]));
    for (const { provider, definition } of await vendorTemplateStore.all(this.database))
      byProvider.get(provider)?.set(templateName(definition.name, definition.language), definition);
    this.byProvider = byProvider;
    this.read = stored;
  }

  private async pass(): Promise<{ done: number }> {
    for (const { name } of this.libraries()) {
      const library = this.libraryOf(name);
      const beganAt = library ? await vendorTemplateStore.take(this.database, name, false) : null;
      if (library && beganAt !== null) await this.readAll(name, library, beganAt);
    }
    await this.refresh();
    return { done: 0 };
  }

  /** What is heard by webhook while the vendor's list is read is newer than the list: its pages may have been written before. */
  private async readAll(provider: string, library: TemplateLibrary, beganAt: string): Promise<SyncResult> {
    const standing = await this.keepPauses.standing();
    const list = await readPages(library).catch((error: unknown) => {
      this.noteMistakes.noteBroken(provider, 'provider_threw', error);
      return 'provider_threw';
    });
    if (list === NEVER_SETTLED) this.noteMistakes.noteBroken(provider, NEVER_SETTLED, new Error('page() never settled'));
    if (typeof list === 'string') {
      await vendorTemplateStore.failed(this.database, provider, list, { beganAt, nextInMs: AFTER_TROUBLE_MS });
      this.log.warn('templates not read', { provider, code: list });
      return { outcome: 'failed', detail: list };
    }
    const before = this.byProvider.get(provider);
    const replaced = await this.database
      .transaction((tx) => vendorTemplateStore.replace(tx, provider, list, { beganAt, nextInMs: SYNC_EVERY_MS }))
      .catch((error: unknown) => {
        if (error instanceof ReadBySomebodyElse) return null;
        throw error;
      });
    if (replaced === null) return { outcome: 'under_way' };
    const { heardOf, ...result } = replaced;
    const newer = new Set(heardOf.map(({ name, language }) => templateName(name, language)));
    const kept = list.filter(({ name, language }) => !newer.has(templateName(name, language)));
    await this.resumeMended(provider, mendedTemplates(provider, standing, kept));
    await this.look();
    this.tellOfCategories(provider, before, kept);
    return { outcome: 'synced', templates: list.length, ...result };
  }

  /** The webhook that took a pause back may have been lost; the list was not. */
  private async resumeMended(provider: string, templates: readonly string[]): Promise<void> {
    for (const template of templates) {
      await this.keepPauses.resume(this.database, provider, template);
      this.log.info('template usable again', { provider, template });
    }
  }

  /** A template that costs another price and needs another consent is news for a person, however it became known (rule 13). */
  private tellOfCategories(
    provider: string,
    before: ReadonlyMap<string, VendorTemplate> | undefined,
    after: readonly VendorTemplate[],
  ): void {
    for (const { name, language, category } of after) {
      const template = templateName(name, language);
      const was = before?.get(template)?.category;
      if (was !== undefined && was !== category)
        this.log.warn('news of a template', { provider, template, what: `became ${category ?? 'of no category'}` });
    }
  }

  private libraries() {
    return this.providers.all.filter(({ provider }) => provider.templateLibrary !== undefined);
  }

  private libraryOf(name: string): TemplateLibrary | undefined {
    return this.providers.named(name)?.provider.templateLibrary;
  }
}

const NEVER_SETTLED = 'never_settled';
const silence = (): TemplatePage => ({
  ok: false,
  failure: { class: 'unknown_outcome', scope: 'account', code: NEVER_SETTLED },
});

/** The whole list, or the code of what went wrong: half a list would look like deleted templates. */
async function readPages(library: TemplateLibrary): Promise<VendorTemplate[] | string> {
  const all: VendorTemplate[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await settleInTime(library.page(after), silence);
    if (!page.ok) return page.failure.code;
    all.push(...page.templates);
    if (page.next === undefined || page.next === after) return all;
    after = page.next;
  }
  return 'too_many_pages';
}
