import { createServer, type AddressInfo, type Socket } from 'node:net';
import { type VendorLine } from './vendor-line';
import { refusedUrl, type ReceivedRequest, type StubAnswer, type VendorStub } from './vendor-stub';

/**
 * For providers that speak SMTP: a mail server on loopback. An answer's `status` is the reply code and its `body` the text
 * behind it; it comes after the message, or earlier when a header `at` says `greeting`, `auth`, `mail` or `rcpt`. Status 0
 * is something that is no SMTP reply.
 */
export const smtpLine: VendorLine = {
  isHttp: false,
  start: startSmtpStub,
  refusedUrl: async () => (await refusedUrl()).replace('http:', 'smtp:'),
  senseless: () => ['HTTP/1.1 200 OK', 'who is there?', '\u0000\u0001', 'x'.repeat(100_000)].map((body) => ({ status: 0, body })),
  unwell: () => [
    { status: 0, body: 'HTTP/1.1 200 OK', headers: { at: 'greeting' } },
    { status: 554, body: 'no service here', headers: { at: 'greeting' } },
    { status: 454, body: '4.7.0 try again later', headers: { at: 'auth' } },
  ],
  denied: { status: 535, body: '5.7.8 authentication credentials invalid', headers: { at: 'auth' } },
};

type Ending = 'answer' | 'reset' | 'silence';

async function startSmtpStub(): Promise<VendorStub> {
  const received: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let answer: StubAnswer | ((received: ReceivedRequest) => StubAnswer) = { status: 250, body: '2.0.0 Ok' };
  let ending: Ending = 'answer';

  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    new Conversation(
      socket,
      () => (typeof answer === 'function' ? undefined : answer),
      (entry) => {
        received.push(entry);
        if (ending === 'reset') socket.resetAndDestroy();
        if (ending !== 'answer') return;
        const given = typeof answer === 'function' ? answer(entry) : answer;
        return given.headers?.['at'] === undefined ? given : undefined;
      },
    ).start();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (given) => {
      answer = given;
      ending = 'answer';
    },
    resetAfterReading: () => void (ending = 'reset'),
    hang: () => void (ending = 'silence'),
    fixed: () => undefined, // A mail server has no other routes.
    forget: () => void received.splice(0),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** One client, from the greeting to the end: enough of RFC 5321 for one message at a time, with AUTH PLAIN. */
class Conversation {
  private unread = '';
  private isData = false;
  private envelope = { from: '', to: '' };

  constructor(
    private readonly socket: Socket,
    private readonly early: () => StubAnswer | undefined,
    private readonly onMessage: (received: ReceivedRequest) => StubAnswer | undefined,
  ) {}

  start(): void {
    if (this.fails('greeting')) return;
    this.reply(220, 'mail.example ESMTP');
    this.socket.on('data', (chunk) => this.read(chunk.toString('latin1')));
  }

  private read(text: string): void {
    this.unread += text;
    for (;;) {
      const end = this.unread.indexOf(this.isData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const part = this.unread.slice(0, end);
      this.unread = this.unread.slice(end + (this.isData ? 5 : 2));
      if (this.isData) this.hear(part);
      else this.obey(part);
    }
  }

  private obey(line: string): void {
    const verb = (line.split(' ')[0] ?? '').toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') this.socket.write('250-mail.example\r\n250 AUTH PLAIN\r\n');
    else if (verb === 'AUTH') this.unlessFails('auth', 235, '2.7.0 Authentication successful');
    else if (verb === 'MAIL') {
      this.envelope.from = line;
      this.unlessFails('mail', 250, '2.1.0 Ok');
    } else if (verb === 'RCPT') {
      this.envelope.to = line;
      this.unlessFails('rcpt', 250, '2.1.5 Ok');
    } else if (verb === 'DATA') {
      this.isData = true;
      this.reply(354, 'End data with <CR><LF>.<CR><LF>');
    } else if (verb === 'QUIT') {
      this.reply(221, '2.0.0 Bye');
      this.socket.end();
    } else this.reply(250, '2.0.0 Ok');
  }

  private hear(message: string): void {
    this.isData = false;
    const body = Buffer.from(message, 'latin1').toString('utf8');
    const answer = this.onMessage({ method: 'DATA', path: this.envelope.to, headers: { from: this.envelope.from }, body });
    if (answer !== undefined) this.give(answer);
  }

  private unlessFails(at: string, status: number, text: string): void {
    if (!this.fails(at)) this.reply(status, text);
  }

  private fails(at: string): boolean {
    const answer = this.early();
    if (answer?.headers?.['at'] !== at) return false;
    this.give(answer);
    return true;
  }

  private give({ status, body }: StubAnswer): void {
    if (status === 0) this.socket.end(`${body}\r\n`);
    else this.reply(status, body.replace(/\s+/g, ' ').slice(0, 400));
  }

  private reply(status: number, text: string): void {
    this.socket.write(`${status} ${text}\r\n`);
  }
}
