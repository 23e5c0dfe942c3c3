import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type EntityKey, EntityKeys } from '@wapas/entity-keys';
import { CONFIG, type Config } from '../../config/config';
import { keyInMode } from '../entity-keys-of-event';
import { quarantineStore } from '../store/quarantine.store';
import { personsIn } from './rules/persons-in';

/** A body that was authentic and cannot be an event. */
export interface UnusableBody {
  readonly source: string;
  /** Machine code of what is wrong. */
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Headers that hold a credential, besides those whose names say so. */
  readonly withheld?: readonly string[];
  readonly rawBody: Buffer;
}

/** Keeps what nobody could use, sealed, until a person has looked. */
@Injectable()
export class KeepQuarantined {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
  ) {}

  /** Resolves with its id once it is committed. The same bytes of the same source keep their first id. */
  keep({ source, reason, headers, withheld = [], rawBody }: UnusableBody): Promise<string> {
    return quarantineStore.keep(this.database, {
      source,
      reason,
      rawHash: createHash('sha256').update(rawBody).digest(),
      headers: headersToKeep(headers, withheld),
      rawBody,
      keys: this.keysIn(rawBody),
    });
  }

  /** In both modes: which one it was meant for may be exactly what could not be read. */
  private keysIn(rawBody: Buffer): EntityKey[] {
    return personsIn(rawBody, this.config).flatMap(({ kind, value }) =>
      [false, true].map((test) => keyInMode(this.hasher, test, kind, value)),
    );
  }
}

/** Headers that reading it again may need. What proves where it came from has done its work, and may be a credential. */
const NEEDED = /^(content-type|x-[a-z0-9-]+|ce-[a-z0-9]+|webhook-id|webhook-timestamp)$/;
const CREDENTIAL = /signature|token|secret|auth|api-?key|hmac|digest|checksum|cookie|^x-forwarded|^x-real-ip/;
const LONGEST_HEADER = 1_024;

function headersToKeep(headers: UnusableBody['headers'], withheld: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] =>
        NEEDED.test(entry[0]) &&
        !CREDENTIAL.test(entry[0]) &&
        !withheld.includes(entry[0]) &&
        entry[1] !== undefined &&
        entry[1].length <= LONGEST_HEADER,
    ),
  );
}
