import { setImmediate as breath } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, settingsOf } from '@wapas/database';
import { hours } from '@wapas/kernel';
import { bookOf } from '@wapas/rates';
import { rateStore } from '@wapas/rates/store';
import { ForeseeMessages } from '../../../channels/channels.api';
import { CONFIG, type Config } from '../../../config/config';
import { FIRST_ID, pastEvents } from '../../../ingestion/past-events.api';
import { Catalogue } from '../../catalogue';
import { compileVersion } from '../../rules/compile-version';
import { type JourneyVersion } from '../../rules/definition';
import { type ReplayWork, type WorkedPiece } from '../replay-work';
import { sameTimeAt } from '../rules/compare-sends';
import { type OwnRates, whatIfRates } from '../rules/stated-answers';
import { type Replay } from '../store/replay.store';
import { Foresight } from './foresight';
import { PeopleOfPeriod } from './people-of-period';
import { priceTallies } from './price-tallies';
import { readPages } from './read-pages';
import { namesReadFor } from './read-period';
import { lastBefore, PAGE, type PageSize } from './read-stretches';
import { WhatIfResult } from './what-if-result';

/** What is listed; what is beyond is counted. */
const MOST_LINES = 100_000;
/** About two kilobytes each. A trigger beyond is not lived, and is counted as such. */
const MOST_LIVE = 100_000;
/** Every piece is a commit, and it is waited for. */
const SAY_EVERY_MS = 1_000;
/** So long at a time the events of others wait for the thread. */
const HOLD_MS = 8;
/** Looking at the clock costs as much as a tenth of an event. */
const LOOK_EVERY = 8;

/** Options of a what-if, as they are stored with it. */
export interface WhatIfOptions {
  readonly played: string;
  readonly rates: OwnRates;
}

/**
 * A what-if: the stored events of a period are lived once more with a draft or another version, on a virtual clock. Sends nothing and
 * changes nothing but its own result. Its runs live in memory, so one that was broken off begins anew.
 */
@Injectable()
export class WhatIfPeriod implements ReplayWork {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(ForeseeMessages) private readonly foreseeMessages: ForeseeMessages,
    @Inject(CONFIG) private readonly config: Pick<Config, 'defaultCountry' | 'secret' | 'encryptionKeys'>,
  ) {}

  async *work(replay: Replay, pages: PageSize = PAGE): AsyncGenerator<WorkedPiece | null> {
    const version = this.versionOf(replay);
    const options = replay.options as unknown as WhatIfOptions;
    const people = new PeopleOfPeriod(countsFor(version));
    const period = { version, from: replay.from, to: replay.to, horizon: replay.createdAt };
    const sameTimeMs = sameTimeAt(this.clock.rate);
    const foresight = new Foresight({
      ...period,
      holdoutPercentOf: (number) =>
        this.catalogue.versionsOf(version.key).find((one) => one.version === number)?.compiled.holdoutPercent,
      rates: whatIfRates(options.rates),
      people,
      messages: this.foreseeMessages,
      mostLive: MOST_LIVE,
      mostLines: MOST_LINES,
      sameTimeMs,
    });
    const book = bookOf(await rateStore.all(this.database), this.config.defaultCountry);
    const result = new WhatIfResult(options.played, options.rates, MOST_LIVE, sameTimeMs);
    await pastEvents.prepare(this.database);
    const { from, to } = period;
    const total = await pastEvents.count(this.database, { at: from, id: FIRST_ID }, lastBefore(to), namesReadFor(version));
    let saidAt = performance.now();
    const piece = (beginsAnew: boolean): WorkedPiece => {
      const tallies = priceTallies(foresight.tally.take(), book);
      result.add(tallies);
      const { counts, linesLeftOut } = foresight;
      saidAt = performance.now();
      return {
        done: counts.events,
        total,
        place: {},
        result: result.toJson(counts, linesLeftOut, foresight.peakLive),
        lines: foresight.takeLines(),
        tallies,
        beginsAnew,
      };
    };
    yield piece(true);
    const { secret, encryptionKeys } = this.config;
    const turn = new Turn();
    for await (const page of readPages({
      pool: settingsOf(this.database.pool),
      secret,
      encryptionKeys,
      period: { ...period, pages },
    })) {
      for (const person of page.people) people.keep(person);
      for (const event of page.events) {
        foresight.arrive(event);
        if (turn.isOver()) await turn.next();
      }
      foresight.came(page.came);
      people.tidy(page.readTo);
      yield performance.now() - saidAt < SAY_EVERY_MS ? null : piece(false);
      if (foresight.liveCount === 0 && page.readTo >= replay.to) break;
    }
    foresight.finish();
    yield piece(false);
  }

  private versionOf({ journeyKey, version, definition }: Replay): JourneyVersion {
    return definition === null ? this.catalogue.versionOf(journeyKey, version ?? 0) : compileVersion(definition, 0);
  }
}

/** The thread is everybody's: whoever has had it for a while lets the others have it. */
class Turn {
  private since = performance.now();
  private asked = 0;

  isOver(): boolean {
    this.asked += 1;
    return this.asked % LOOK_EVERY === 0 && performance.now() - this.since >= HOLD_MS;
  }

  async next(): Promise<void> {
    await breath();
    this.since = performance.now();
  }
}

/** How long a message of the journey counts against a cap, in milliseconds. */
const countsFor = ({ steps }: JourneyVersion): number =>
  hours(steps.some(({ purpose }) => purpose === 'marketing') ? 24 * 7 : 24);
