import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type Content } from '@wapas/provider-kit';
import { type DltTemplate, faultsOfDltTemplate, fillDltTemplate, type TemplateFault } from './rules/dlt-template';
import { dltTemplateStore } from './store/dlt-template.store';

const LOOK_EVERY_MS = 1_000;

/**
 * SMS templates as the operators know them. What is registered here is checked when a journey is published and again before
 * each send; a template that nobody registered passes, and its provider's word is all there is. Every process holds them in
 * memory and looks again each second.
 */
@Injectable()
export class RegisterTemplates {
  private templates: ReadonlyMap<string, DltTemplate> = new Map();
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Gives what is wrong with it; only a template without faults is kept. */
  async register(template: DltTemplate): Promise<TemplateFault[]> {
    const faults = faultsOfDltTemplate(template);
    if (faults.length > 0) return faults;
    await dltTemplateStore.keep(this.database, template);
    await this.look();
    return [];
  }

  async remove(id: string): Promise<boolean> {
    const removed = await dltTemplateStore.remove(this.database, id);
    await this.look();
    return removed;
  }

  all(): Promise<DltTemplate[]> {
    return dltTemplateStore.all(this.database);
  }

  named(id: string): DltTemplate | undefined {
    return this.templates.get(id);
  }

  /** Why the operator would refuse this text; null: it would pass, or nobody registered the template. */
  refusalOf(content: Content): string | null {
    if (!('variables' in content)) return null;
    const template = this.templates.get(content.template);
    if (template === undefined) return null;
    const filled = fillDltTemplate(template, content.variables);
    return filled.ok ? null : `dlt_${filled.code}`;
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) await this.look();
  }

  private async look(): Promise<void> {
    this.templates = new Map((await dltTemplateStore.all(this.database)).map((one) => [one.id, one]));
    this.lookedAt = performance.now();
  }
}
