import { type Agent } from 'node:http';
import { type SandboxOptions } from './options';
import { post } from './receipts';
import { readTemplate, type TemplateBook } from './whatsapp-templates';
import { changeMail } from './whatsapp-webhooks';
import { type Answer, type Call, json, parseObject } from './wire';

/** Meta's reviewer: registers, approves, pauses and re-categorises templates on request, and tells of each by webhook. */
export class TemplateDesk {
  constructor(
    private readonly book: TemplateBook,
    private readonly agent: Agent,
    private readonly options: Pick<SandboxOptions, 'whatsappWebhookUrl' | 'whatsappAppSecret'>,
  ) {}

  /** `told`: how many webhooks were taken; `changes`: how many there were to tell. With `webhook: "lost"` nobody is told. */
  async change(call: Call): Promise<Answer> {
    const wanted = readTemplate(call.body);
    if (typeof wanted === 'string') return json(400, { error: wanted });
    const changes = this.book.change(wanted);
    const url = this.options.whatsappWebhookUrl;
    if (url === undefined || parseObject(call.body)?.webhook === 'lost') return json(200, { changes: changes.length, told: 0 });
    const told = await Promise.all(changes.map((one) => post(this.agent, url, changeMail(this.options.whatsappAppSecret, one))));
    return json(200, { changes: changes.length, told: told.filter((taken) => taken).length });
  }
}
