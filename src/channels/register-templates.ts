import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { operationAudit } from '../access/access.api';
import { type DltTemplate, faultsOfDltTemplate, type TemplateFault } from './rules/dlt-template';
import { faultOfListing, type ListedAddress } from './rules/lint/addresses';
import { dltTemplateStore } from './store/dlt-template.store';

const LOOK_EVERY_MS = 1_000;

/**
 * SMS templates and addresses as the operators know them. What is registered here is checked when a journey is published and
 * again before each send. Every process holds them in memory and looks again each second. `actor`: the id of the API key, for
 * the audit log.
 */
@Injectable()
export class RegisterTemplates {
  private templates: ReadonlyMap<string, DltTemplate> = new Map();
  private listed: readonly ListedAddress[] = [];
  private stored = '';
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Gives what is wrong with it; only a template without faults is kept. */
  async register(template: DltTemplate, actor: string): Promise<TemplateFault[]> {
    const faults = faultsOfDltTemplate(template);
    if (faults.length > 0) return faults;
    await this.database.transaction(async (tx) => {
      await dltTemplateStore.keep(tx, template);
      await operationAudit.add(tx, { act: 'sms_template_set', subject: template.id, actor, reason: null });
    });
    await this.look();
    return [];
  }

  async remove(id: string, actor: string): Promise<boolean> {
    const removed = await this.database.transaction(async (tx) => {
      const wasThere = await dltTemplateStore.remove(tx, id);
      if (wasThere) await operationAudit.add(tx, { act: 'sms_template_removed', subject: id, actor, reason: null });
      return wasThere;
    });
    await this.look();
    return removed;
  }

  all(): Promise<DltTemplate[]> {
    return dltTemplateStore.all(this.database);
  }

  named(id: string): DltTemplate | undefined {
    return this.templates.get(id);
  }

  /** What is white-listed with the operators (rule 7). */
  get addresses(): readonly ListedAddress[] {
    return this.listed;
  }

  /** Changes whenever templates or addresses do. */
  get revision(): string {
    return this.stored;
  }

  /** Replaces the list of addresses. Gives what the operators would not list, by place; then nothing is replaced. */
  async list(addresses: readonly ListedAddress[], actor: string): Promise<{ at: number; detail: string }[]> {
    const faults = addresses.flatMap((one, at) => {
      const detail = faultOfListing(one);
      return detail === null ? [] : [{ at, detail }];
    });
    if (faults.length > 0) return faults;
    await this.database.transaction(async (tx) => {
      await dltTemplateStore.list(tx, addresses);
      await operationAudit.add(tx, { act: 'sms_addresses_set', subject: `${addresses.length} addresses`, actor, reason: null });
    });
    await this.look();
    return [];
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) await this.look();
  }

  private async look(): Promise<void> {
    const templates = await dltTemplateStore.all(this.database);
    const listed = await dltTemplateStore.addresses(this.database);
    this.lookedAt = performance.now();
    // The same objects stay while nothing changed: what is known of them is kept beside them.
    const stored = JSON.stringify([templates, listed]);
    if (stored === this.stored) return;
    this.templates = new Map(templates.map((one) => [one.id, one]));
    this.listed = listed;
    this.stored = stored;
  }
}
