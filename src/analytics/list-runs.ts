import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config';
import { KnownJourneys } from '../journeys/journeys.api';
import { ReportReads } from './report-reads';
import { readCursor, writeCursor } from '../http/cursor';
import { RollUpOutcomes } from './roll-up-outcomes';
import { type RunFilter } from './rules/run-filter';
import { type ListedRun, runListStore } from './store/run-list.store';

export interface RunPage {
  readonly runs: readonly ListedRun[];
  readonly nextCursor: string | null;
}

/** Lists the runs behind a number, page after page. */
@Injectable()
export class ListRuns {
  constructor(
    @Inject(ReportReads) private readonly reads: ReportReads,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KnownJourneys) private readonly journeys: KnownJourneys,
    @Inject(RollUpOutcomes) private readonly rollUp: RollUpOutcomes,
  ) {}

  /** `list` names the filters as the caller gave them: a cursor goes with its list. Null for a cursor that does not. */
  async page(filter: RunFilter, list: string, cursor: string | undefined, limit: number): Promise<RunPage | null> {
    const before = cursor === undefined ? null : readCursor(cursor, list, this.config.secret);
    if (cursor !== undefined && before === null) return null;
    // The roll-ups say where to look.
    await this.rollUp.refresh(filter.journey);
    const runs = await runListStore.page(this.reads, filter, before, limit + 1, this.journeys.versions());
    const shown = runs.slice(0, limit);
    const last = shown.at(-1);
    const more = runs.length > limit && last;
    return {
      runs: shown,
      nextCursor: more ? writeCursor({ at: last.enteredAt.getTime(), id: last.id }, list, this.config.secret) : null,
    };
  }
}
