import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Letter {
  readonly to: string;
  /** The first link in it; null when there is none. */
  readonly link: string | null;
}

/** The e-mail server of the simulation, on loopback: takes every letter, as RFC 5321 wants it, and shows it to the customers. */
export class Mailbox {
  private letters: Letter[] = [];

  private constructor(
    readonly url: string,
    private readonly end: () => Promise<void>,
  ) {}

  static async open(): Promise<Mailbox> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy()));
      talk(socket, (letter) => mailbox.letters.push(letter));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    const mailbox = new Mailbox(
      `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
      () =>
        new Promise((resolve) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => resolve());
        }),
    );
    return mailbox;
  }

  /** What has come since it was last asked. */
  take(): Letter[] {
    return this.letters.splice(0);
  }

  close(): Promise<void> {
    return this.end();
  }
}

function talk(socket: Socket, onLetter: (letter: Letter) => void): void {
  let unread = '';
  let to = '';
  let isData = false;
  const obey = (line: string): string => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'RCPT') to = /<([^>]*)>/.exec(line)?.[1] ?? '';
    if (verb === 'DATA') {
      isData = true;
      return '354 End data with <CR><LF>.<CR><LF>';
    }
    if (verb === 'QUIT') setImmediate(() => socket.end());
    if (verb === 'AUTH') return '235 2.7.0 Authentication successful';
    return verb === 'EHLO' ? '250-mail.example\r\n250 AUTH PLAIN' : '250 2.0.0 Ok';
  };
  socket.write('220 mail.example ESMTP\r\n');
  socket.on('data', (chunk) => {
    unread += chunk.toString('latin1');
    for (;;) {
      const mark = isData ? '\r\n.\r\n' : '\r\n';
      const end = unread.indexOf(mark);
      if (end < 0) return;
      const part = unread.slice(0, end);
      unread = unread.slice(end + mark.length);
      if (isData) {
        isData = false;
        onLetter({ to, link: linkIn(part) });
        socket.write('250 2.0.0 Ok\r\n');
      } else socket.write(`${obey(part)}\r\n`);
    }
  });
}

/** Lines of quoted-printable and base64 letters are put together again before the link is looked for. */
function linkIn(letter: string): string | null {
  const isBase64 = /content-transfer-encoding:\s*base64/i.test(letter);
  const body = letter.slice(letter.indexOf('\r\n\r\n') + 4);
  const text = isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body.replace(/=\r\n/g, '').replace(/=3D/g, '=');
  return /https?:\/\/\S+/.exec(text)?.[0] ?? null;
}
