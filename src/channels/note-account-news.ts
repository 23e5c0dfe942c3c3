import { Inject, Injectable } from '@nestjs/common';
import { hours } from '@wapas/kernel';
import { type AccountNews } from '@wapas/provider-kit';
import { Log } from '../log';

/** So long a person may overlook it. */
const SHOWN_FOR_MS = hours(24);
/** A vendor may invent any word; the oldest news make room. */
const MOST_NEWS = 50;

interface Told {
  readonly provider: string;
  readonly code: string;
  readonly detail: string | undefined;
  readonly heardAt: number;
}

/**
 * News of an account that change nothing by themselves: a limit was lowered, a policy violated, a ban is set for next week. Each is one
 * line in the log and one in `/health/ready` for a day. In memory, by the container that heard it, in real time.
 */
@Injectable()
export class NoteAccountNews {
  private readonly told = new Map<string, Told>();

  constructor(@Inject(Log) private readonly log: Log) {}

  /** The same news again is the same line, with what was said last. */
  note(provider: string, { code, detail, scope }: AccountNews): void {
    const name = `${provider} ${code}`;
    const before = this.known().find((one) => one.provider === provider && one.code === code);
    if (before?.detail !== detail || before === undefined)
      this.log.warn('news of an account', { provider, scope, code, ...(detail === undefined ? {} : { detail }) });
    this.told.delete(name);
    this.told.set(name, { provider, code, detail, heardAt: Date.now() });
    for (const oldest of this.told.keys()) if (this.told.size > MOST_NEWS) this.told.delete(oldest);
  }

  lines(): string[] {
    return this.known().map(
      ({ provider, code, detail }) => `${provider} says of its account: ${code}${detail === undefined ? '' : ` (${detail})`}`,
    );
  }

  private known(): Told[] {
    for (const [name, { heardAt }] of this.told) if (Date.now() - heardAt > SHOWN_FOR_MS) this.told.delete(name);
    return [...this.told.values()];
  }
}
