import pino, { type Logger } from 'pino';

type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Structured logs. Fields are ids, codes and counts; nobody passes a phone number, a token or the text of a message.
 * Of an error only its name, message and stack are kept: a database error's `detail` may quote a row.
 */
export class Log {
  private readonly pino: Logger;

  constructor(level: string, destination?: pino.DestinationStream) {
    this.pino = destination
      ? pino({ level, base: null }, destination)
      : pino({ level, base: null }, pino.destination({ fd: 2, sync: false }));
  }

  info(fact: string, fields: Fields = {}): void {
    this.pino.info(fields, fact);
  }

  warn(fact: string, fields: Fields = {}): void {
    this.pino.warn(fields, fact);
  }

  /** Something that should not have happened. */
  trouble(fact: string, error: unknown, fields: Fields = {}): void {
    const { name, message, stack, code } = (error ?? {}) as Partial<Error> & { code?: unknown };
    this.pino.error(
      { ...fields, error: { name, message: message && withoutNumbers(message), code, stack: stack && withoutNumbers(stack) } },
      fact,
    );
  }
}

/** Long digit runs in a foreign message may be somebody's number. */
const withoutNumbers = (text: string): string => text.replace(/\+?\d{10,}/g, '[number]');
