import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommit, isOutOfReach } from '@wapas/database';
import { CONFIG, type Config } from '../config/config';
import { ClaimMessages, type ClaimedMessage } from './claim-messages';
import { type RegisteredProvider } from './provider-registry';
import { messageStore } from './store/message.store';
import { spendStore } from './store/spend.store';

/** Not more of them in one transaction: a goal waits for the locks of the whole claim. */
const CLAIMED_TOGETHER = 100;
/** One claim is being decided while another one waits for its commit. */
const CLAIMS_AT_ONCE = 2;
/** What is claimed starts within this, or is given back: a backlog must not hold messages past a goal (P5). */
const START_WITHIN_MS = 1_000;

type Jobs = GroupCommit<readonly string[], readonly ClaimedMessage[]>;

/** Claims the messages of jobs that are ready at the same time in one transaction: the locks, the reading and the commit are shared. */
@Injectable()
export class ClaimTogether {
  private readonly lanes = new Map<string, Jobs>();

  constructor(
    @Inject(ClaimMessages) private readonly claimMessages: ClaimMessages,
    @Inject(Database) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
  ) {}

  /** Gives those of a job's messages whose calls may start now. */
  claim(registered: RegisteredProvider, ids: readonly string[]): Promise<readonly ClaimedMessage[]> {
    return this.laneOf(registered).add(ids);
  }

  private laneOf(registered: RegisteredProvider): Jobs {
    const known = this.lanes.get(registered.name);
    if (known) return known;
    const lane: Jobs = new GroupCommit((jobs) => this.claimAll(registered, jobs), {
      maxWeight: CLAIMED_TOGETHER,
      weigh: (ids) => ids.length,
      lanes: CLAIMS_AT_ONCE,
      concernsAll: isOutOfReach,
    });
    this.lanes.set(registered.name, lane);
    return lane;
  }

  /** Gives each job what was claimed of it; an id that came twice goes to the first. */
  private async claimAll(
    registered: RegisteredProvider,
    jobs: readonly (readonly string[])[],
  ): Promise<(readonly ClaimedMessage[])[]> {
    const startedAt = performance.now();
    const claimed = await this.claimMessages.claim(registered, jobs.flat());
    if (performance.now() - startedAt > START_WITHIN_MS) {
      await this.giveBack(claimed);
      return jobs.map(() => []);
    }
    const left = new Map(claimed.map((one) => [one.message.id, one]));
    return jobs.map((ids) =>
      ids.flatMap((id) => {
        const own = left.get(id);
        left.delete(id);
        return own ?? [];
      }),
    );
  }

  private async giveBack(claimed: readonly ClaimedMessage[]): Promise<void> {
    const calls = claimed.map(({ message, fence }) => ({ id: message.id, fence, isPaidFor: message.maybeSent }));
    await this.database.transaction(async (tx) => {
      spendStore.settle(tx, this.config.businessZone, calls);
      await messageStore.giveBack(tx, calls);
    });
  }
}
