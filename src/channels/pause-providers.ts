import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { operationAudit } from '../access/access.api';
import { KeepBreakers } from './keep-breakers';
import { KeepPauses } from './keep-pauses';

/** What an operator takes out of use and puts back: who did it and why is kept with it. */
@Injectable()
export class PauseProviders {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
  ) {}

  /** Nothing goes out through this provider until it is taken back. */
  async pause(provider: string, actor: string, reason: string | null): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.keepPauses.pause(provider, tx);
      await operationAudit.add(tx, { act: 'provider_paused', subject: provider, actor, reason });
    });
    await this.keepPauses.look();
  }

  /** Of one template, or of everything about the provider, its breaker included. What was not paused is not written down. */
  async resume(provider: string, template: string | null, actor: string, reason: string | null): Promise<void> {
    const isShut = template === null && this.keepBreakers.stateOf(provider) !== 'closed';
    const subject = template === null ? provider : `${provider} ${template}`;
    await this.database.transaction(async (tx) => {
      const lifted = await this.keepPauses.resume(tx, provider, template);
      if (lifted > 0 || isShut) await operationAudit.add(tx, { act: 'provider_resumed', subject, actor, reason });
    });
    await this.keepPauses.look();
    if (template === null) await this.keepBreakers.close(provider);
  }
}
