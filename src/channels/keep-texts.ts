import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { operationAudit } from '../access/access.api';
import { type KeptText, textStore } from './store/text.store';

const LOOK_EVERY_MS = 1_000;

/**
 * Texts of push, e-mail and added channels, by name and language. Every process holds them in memory and looks again each second.
 * `actor`: the id of the API key, for the audit log.
 */
@Injectable()
export class KeepTexts {
  private byName: ReadonlyMap<string, readonly KeptText[]> = new Map();
  private stored = '[]';
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(@Inject(Database) private readonly database: Database) {}

  async keep(text: KeptText, actor: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await textStore.keep(tx, text);
      await operationAudit.add(tx, { act: 'text_set', subject: placeOf(text), actor, reason: null });
    });
    await this.look();
  }

  /** False when there was none. */
  async remove(place: Pick<KeptText, 'channel' | 'name' | 'locale'>, actor: string): Promise<boolean> {
    const removed = await this.database.transaction(async (tx) => {
      const wasThere = await textStore.remove(tx, place);
      if (wasThere) await operationAudit.add(tx, { act: 'text_removed', subject: placeOf(place), actor, reason: null });
      return wasThere;
    });
    await this.look();
    return removed;
  }

  all(): Promise<KeptText[]> {
    return textStore.all(this.database);
  }

  /** Every language of a text; none when there is no such text. */
  named(channel: string, name: string): readonly KeptText[] {
    return this.byName.get(`${channel}/${name}`) ?? [];
  }

  /** Changes whenever a text does. */
  get revision(): string {
    return this.stored;
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) await this.look();
  }

  private async look(): Promise<void> {
    const texts = await textStore.all(this.database);
    this.lookedAt = performance.now();
    const stored = JSON.stringify(texts);
    if (stored === this.stored) return;
    const byName = new Map<string, KeptText[]>();
    for (const text of texts) {
      const key = `${text.channel}/${text.name}`;
      byName.set(key, [...(byName.get(key) ?? []), text]);
    }
    this.byName = byName;
    this.stored = stored;
  }
}

const placeOf = ({ channel, name, locale }: Pick<KeptText, 'channel' | 'name' | 'locale'>): string =>
  `${channel}/${name}/${locale}`;
