import { Inject, Injectable } from '@nestjs/common';
import { KeepBreakers } from './keep-breakers';
import { KeepPauses } from './keep-pauses';
import { KeepPrices } from './keep-prices';
import { KeepSpendCaps } from './keep-spend-caps';
import { KeepTexts } from './keep-texts';
import { LimitPeople } from './limit-people';
import { RegisterTemplates } from './register-templates';

/** What sending asks in memory is kept as operators, vendors and other containers have changed it in the database. */
@Injectable()
export class KeepUpToDate {
  private readonly kept: readonly { refresh(): Promise<void> }[];

  constructor(
    @Inject(KeepPauses) pauses: KeepPauses,
    @Inject(KeepBreakers) breakers: KeepBreakers,
    @Inject(RegisterTemplates) templates: RegisterTemplates,
    @Inject(KeepTexts) texts: KeepTexts,
    @Inject(KeepPrices) prices: KeepPrices,
    @Inject(KeepSpendCaps) spendCaps: KeepSpendCaps,
    @Inject(LimitPeople) limitPeople: LimitPeople,
  ) {
    this.kept = [pauses, breakers, templates, texts, prices, spendCaps, limitPeople];
  }

  /** Called often; each looks at the database as often as it needs to. */
  async refresh(): Promise<void> {
    for (const one of this.kept) await one.refresh();
  }
}
