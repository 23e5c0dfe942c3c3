import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '@wapas/database';
import { cleanWords, type Content, recordOf, type SendFailure } from '@wapas/provider-kit';
import { Log } from '../log';
import { NoteMistakes } from './note-mistakes';
import { ProviderRegistry } from './provider-registry';
import { type Pause, pausesAfter, refusalOf, templateOf, type WantedPause } from './rules/pauses';
import { settleInTime } from './settle-in-time';
import { pauseStore, type StandingPause, type ToldStanding } from './store/pause.store';

const LOOK_EVERY_MS = 1_000;
/** How often a paused provider is asked whether it is well again. */
const ASK_EVERY_MS = 60_000;
const NEVER_SETTLED = {};

/**
 * Keeps what must not be used for now. Every process holds the standing pauses in memory and looks again each second, so
 * that a claim asks nothing of the database for it.
 */
@Injectable()
export class KeepPauses {
  private pauses: readonly StandingPause[] = [];
  private lookedAt = Number.NEGATIVE_INFINITY;
  private askedAt = performance.now();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Why a message must not go out through this provider now; null: it may. */
  refusalOf(provider: string, message: { readonly content: Content; readonly purpose: 'service' | 'marketing' }): string | null {
    return this.pauses.length === 0 ? null : refusalOf(this.pauses, provider, message);
  }

  /** Everything of this provider is paused, whatever the message. */
  isPaused(provider: string): boolean {
    return this.pauses.some((one) => one.provider === provider && one.scope === 'provider' && !one.isHold && !one.marketingOnly);
  }

  /** Whether this template, by its name as pauses know it, is out of use at a provider. */
  isTemplatePaused(provider: string, template: string): boolean {
    return this.pauses.some(
      (one) =>
        one.provider === provider && one.scope === 'template' && one.subject === template && !one.isHold && !one.marketingOnly,
    );
  }

  /** Milliseconds for which the vendor asked to be left alone; 0: it may be called. */
  heldForMs(provider: string): number {
    if (this.pauses.length === 0) return 0;
    const holds = this.pauses.filter((one) => one.provider === provider && one.isHold);
    return Math.max(0, ...holds.map(({ until }) => (until === null ? 0 : until.getTime() - Date.now())));
  }

  /** Those that stand, as of the last look. */
  known(): readonly StandingPause[] {
    return this.pauses;
  }

  standing(): Promise<StandingPause[]> {
    return pauseStore.standing(this.database);
  }

  /** A call ended badly: does that say something about more than its message? */
  async noteCall(provider: string, content: Content, failure: SendFailure): Promise<void> {
    await this.note(this.database, pausesAfter(failure, { provider, template: templateOf(content), isReport: false }));
  }

  /** Writes pauses down and keeps them at once; the log is the alarm. */
  async note(db: Queryable, wanted: readonly WantedPause[]): Promise<void> {
    const news = wanted.filter((one) => one.needed > 1 || !this.pauses.some((standing) => isSame(standing, one)));
    if (news.length === 0) return;
    await pauseStore.strike(db, news);
    for (const { provider, scope, code, isHold } of news)
      if (!isHold) this.log.warn('provider struck', { provider, scope, code });
    if (db === this.database) await this.look();
    else this.lookedAt = Number.NEGATIVE_INFINITY;
  }

  /** A vendor told how the account stands. What is older than what is known changes nothing. */
  async toldOfAccount(db: Queryable, told: ToldStanding): Promise<void> {
    if (!(await pauseStore.told(db, told))) return;
    const { provider, code, marketingOnly } = told;
    if (told.isRestricted) this.log.warn('account restricted', { provider, code, marketingOnly });
    else this.log.info('account usable again', { provider, code, marketingOnly });
    this.lookedAt = Number.NEGATIVE_INFINITY;
  }

  /** What was found out about a provider by looking at many calls. */
  pauseFor(found: WantedPause): Promise<void> {
    return this.note(this.database, [found]);
  }

  /** An operator's word: nothing goes out through this provider until it is taken back. */
  async pause(provider: string, db: Queryable = this.database): Promise<void> {
    const operator = { subject: '', marketingOnly: false, isHold: false, reason: 'operator', code: 'operator', needed: 1 };
    await pauseStore.strike(db, [{ provider, scope: 'provider', ...operator }]);
    if (db === this.database) await this.look();
  }

  /** Takes pauses back: of one template, or everything about the provider. Gives how many there were. */
  async resume(db: Queryable, provider: string, template: string | null): Promise<number> {
    const lifted =
      (await pauseStore.lift(db, provider, template === null ? null : 'template', template)) +
      (template === null ? await pauseStore.resumeAccount(db, provider) : 0);
    if (db === this.database) await this.look();
    else this.lookedAt = Number.NEGATIVE_INFINITY;
    return lifted;
  }

  /** Called often; looks at the database once a second, and asks paused providers once a minute. */
  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt < LOOK_EVERY_MS) return;
    await this.look();
    if (performance.now() - this.askedAt < ASK_EVERY_MS) return;
    this.askedAt = performance.now();
    // Not waited for: a vendor that is slow to answer keeps nobody else's messages waiting.
    this.askThePaused().catch((error: unknown) => this.log.trouble('paused providers not asked', error));
  }

  /** What the vendor took away it may give back: a new key, a topped-up balance. An operator's pause is not touched. */
  async askThePaused(): Promise<void> {
    const paused = this.pauses.filter(
      ({ scope, isHold, reason }) => scope === 'provider' && !isHold && reason === 'bad_credentials',
    );
    for (const name of new Set(paused.map(({ provider }) => provider))) {
      if (!(await this.isWell(name))) continue;
      await pauseStore.mend(this.database, name);
      this.log.info('provider well again', { provider: name });
    }
    if (paused.length > 0) await this.look();
  }

  /** A provider that throws when it is asked, never answers or answers with nothing is not well; the sweep that asks goes on. */
  private async isWell(name: string): Promise<boolean> {
    const provider = this.providers.named(name)?.provider;
    if (provider === undefined) return false;
    try {
      const said = recordOf(await settleInTime<unknown>(provider.health(), () => NEVER_SETTLED));
      if (said === NEVER_SETTLED) this.noteMistakes.noteBroken(name, 'never_settled', new Error('health() never settled'));
      else if (typeof said?.['healthy'] !== 'boolean')
        this.noteMistakes.noteBroken(name, 'junk_answer', new Error('health() gave nothing that says healthy'));
      else if (!said['healthy']) this.log.warn('provider not well yet', { provider: name, detail: cleanWords(said['detail']) });
      return said?.['healthy'] === true;
    } catch (error) {
      this.noteMistakes.noteBroken(name, 'provider_threw', error);
      return false;
    }
  }

  /** Reads the standing pauses now: after a commit that changed some. */
  async look(): Promise<void> {
    this.pauses = await pauseStore.standing(this.database);
    this.lookedAt = performance.now();
  }
}

function isSame(a: Pause, b: Pause): boolean {
  return (
    a.provider === b.provider &&
    a.scope === b.scope &&
    a.subject === b.subject &&
    a.marketingOnly === b.marketingOnly &&
    a.isHold === b.isHold
  );
}
