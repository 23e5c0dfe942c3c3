import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type SendOutcome } from '@wapas/provider-kit';
import { Log } from '../log';
import {
  type BreakerState,
  type CallResult,
  isBad,
  type OpenBreaker,
  pauseBeforeProbe,
  shouldOpen,
  stateOf,
} from './rules/breaker';
import { breakerStore } from './store/breaker.store';

/** Longer than a call may take: who got the right to probe has heard by then, or will not. */
const PROBE_MS = 15_000;
const LOOK_EVERY_MS = 1_000;
/** At thousands of calls a second less than a minute's worth, and still enough to tell. */
const MOST_RESULTS = 500;

/**
 * A breaker for each provider. Every container counts its own calls; one that opens is a row that the others see within a
 * second. While it is open nothing is claimed for the provider; then one message at a time goes and sees.
 */
@Injectable()
export class KeepBreakers {
  private readonly results = new Map<string, CallResult[]>();
  /** Calls that hang end together: one of them is enough. */
  private readonly opening = new Set<string>();
  /** Of breakers whose probe this container has, wall-clock milliseconds. */
  private readonly probingSince = new Map<string, number>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private breakers: ReadonlyMap<string, OpenBreaker> = new Map();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {}

  stateOf(provider: string): BreakerState {
    return this.breakers.size === 0 ? 'closed' : stateOf(this.breakers.get(provider), Date.now());
  }

  /** All that are not closed, as every container sees them. */
  standing(): readonly OpenBreaker[] {
    return [...this.breakers.values()];
  }

  /** Of `wanted` calls, how many may start: all, one probe, or none. */
  async admit(provider: string, wanted: number): Promise<number> {
    const state = this.stateOf(provider);
    if (state === 'closed') return wanted;
    if (state === 'open' || !(await breakerStore.takeProbe(this.database, provider, PROBE_MS))) return 0;
    this.probingSince.set(provider, Date.now());
    await this.look();
    return 1;
  }

  /** A call has ended. `startedAt`: wall-clock milliseconds. While the breaker is open only its probe has a say. */
  async note(provider: string, outcome: SendOutcome, startedAt: number): Promise<void> {
    const bad = isBad(outcome);
    const code = outcome.outcome === 'failed' ? outcome.failure.code : '';
    const breaker = this.breakers.get(provider);
    if (breaker === undefined) return this.count(provider, bad, code);
    if (startedAt < (this.probingSince.get(provider) ?? Infinity)) return;
    this.probingSince.delete(provider);
    if (!bad) return this.close(provider);
    await breakerStore.probeFailed(this.database, provider, pauseBeforeProbe(breaker.failedProbes + 1), code);
    await this.look();
  }

  /** By a probe that got through, or an operator. */
  async close(provider: string): Promise<void> {
    this.results.delete(provider);
    if (await breakerStore.close(this.database, provider)) this.log.info('breaker closed', { provider });
    await this.look();
  }

  /** Called often; looks at the database once a second. */
  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) await this.look();
  }

  /** Reads the open breakers now: after a change of our own. */
  async look(): Promise<void> {
    this.lookedAt = performance.now();
    const rows = await breakerStore.standing(this.database);
    // Whoever was waited for gets a fresh start: old failures would open it again at the first stumble.
    for (const provider of this.breakers.keys())
      if (!rows.some((row) => row.provider === provider)) this.results.delete(provider);
    this.breakers = new Map(rows.map((row) => [row.provider, row]));
  }

  private async count(provider: string, bad: boolean, code: string): Promise<void> {
    const now = Date.now();
    const results = this.resultsOf(provider);
    results.push({ at: now, isBad: bad });
    if (results.length > 2 * MOST_RESULTS) results.splice(0, results.length - MOST_RESULTS);
    if (!bad || this.opening.has(provider) || !shouldOpen(results, now)) return;
    this.opening.add(provider);
    try {
      if (await breakerStore.open(this.database, provider, pauseBeforeProbe(0), code))
        this.log.warn('breaker opened', { provider, code });
      await this.look();
    } finally {
      this.opening.delete(provider);
    }
  }

  private resultsOf(provider: string): CallResult[] {
    const known = this.results.get(provider);
    if (known) return known;
    const fresh: CallResult[] = [];
    this.results.set(provider, fresh);
    return fresh;
  }
}
