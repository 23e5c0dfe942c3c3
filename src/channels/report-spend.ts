import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { CONFIG, type Config } from '../config/config';
import { inWords } from './keep-spend-caps';
import { dayIn } from './rules/spend';
import { type ChannelSpend, type ReachedCap, type SpendCap, spendStore } from './store/spend.store';

export interface SpendOfDay {
  /** YYYY-MM-DD, in the zone of the business. */
  readonly day: string;
  readonly channels: readonly ChannelSpend[];
  /** As they are set now. */
  readonly caps: readonly SpendCap[];
  /** Those that held messages back on that day. */
  readonly reached: readonly ReachedCap[];
}

/** What sending costs, and which caps hold it back. */
@Injectable()
export class ReportSpend {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
  ) {}

  /** `day`: YYYY-MM-DD; today when absent. */
  async onDay(day = this.today()): Promise<SpendOfDay> {
    const [channels, caps, reached] = await Promise.all([
      spendStore.onDay(this.database, this.config.businessZone, day),
      spendStore.caps(this.database),
      spendStore.reached(this.database, day),
    ]);
    return { day, channels, caps, reached };
  }

  /** A line for each cap that holds messages back today. */
  async lines(): Promise<string[]> {
    const reached = await spendStore.reached(this.database, this.today());
    return reached.map(
      ({ scope, heldBack, ...money }) =>
        `the daily spend cap ${scope} (${inWords(money)}) is reached: ${heldBack} message(s) were held back today; see GET /v1/operations/spend`,
    );
  }

  private today(): string {
    return dayIn(this.config.businessZone, this.clock.now());
  }
}
