import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { type SmtpConfig } from './smtp.config';
import { type SmtpError } from './smtp.errors';

export type Conversation =
  | { readonly kind: 'accepted'; readonly response: string }
  | { readonly kind: 'failed'; readonly error: SmtpError; readonly messageWasStarted: boolean };

/**
 * One connection, one message (or none: then only the credentials are proven), one end. A pool would be faster and would
 * send a message again by itself when an idle connection turns out to be closed. Never rejects; ends at the deadline.
 */
export function converse(config: SmtpConfig, message?: { to: string; raw: Buffer }): Promise<Conversation> {
  let messageWasStarted = false;
  return new Promise((resolve) => {
    const connection = new SMTPConnection({
      host: config.host,
      port: config.port,
      secure: config.isTls,
      requireTLS: !config.isTls && !config.isNear,
      connectionTimeout: Math.min(5_000, config.timeoutMs),
      greetingTimeout: Math.min(5_000, config.timeoutMs),
      socketTimeout: config.timeoutMs,
      logger: false,
    });
    const end = (result: Conversation): void => {
      clearTimeout(deadline);
      if (result.kind === 'accepted') connection.quit();
      else connection.close();
      resolve(result);
    };
    const fail = (error: SmtpError): void => end({ kind: 'failed', error, messageWasStarted });
    const deadline = setTimeout(() => fail({ code: 'DEADLINE' }), config.timeoutMs);
    connection.on('error', fail);
    connection.connect((error) => {
      if (error) return fail(error);
      logIn(() => {
        if (message === undefined) return end({ kind: 'accepted', response: '' });
        // Read only once the server has said 354: from the first byte on it may have been taken.
        const stream = new Readable({
          read(): void {
            messageWasStarted = true;
            this.push(message.raw);
            this.push(null);
          },
        });
        connection.send({ from: config.from, to: [message.to] }, stream, (problem, info) =>
          problem ? fail(problem) : end({ kind: 'accepted', response: info?.response ?? '' }),
        );
      });
    });

    function logIn(then: () => void): void {
      if (config.user === '') return then();
      connection.login({ user: config.user, pass: config.password }, (error) => (error ? fail(error) : then()));
    }
  });
}
