import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type HttpRequest, type HttpResult } from '@wapas/provider-kit';
import { codeOf, stageOf } from './failure-stage';
import { createHttpClient, type HttpClientOptions } from './http-client';
import { isPublicAddress } from './public-address';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function client(options: HttpClientOptions = {}) {
  const http = createHttpClient(options);
  opened.push(http);
  return http;
}

async function listen(server: Server | HttpServer): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined); // The other side may hang up at any time; that is what is tested.
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'POST', url, body: '{"sms":1}', ...more });
const failure = (stage: 'before_send' | 'after_send', code: unknown) => ({ kind: 'failure', stage, code });
const response = (result: HttpResult) => {
  if (result.kind !== 'response') throw new Error(result.code);
  return result;
};

describe('a call that is answered', () => {
  it('gives status, headers in lower case and body, whatever the status', async () => {
    const host = await listen(
      createServer((request, reply) => {
        reply.writeHead(418, { 'X-Echo': String(request.headers['x-asked']), 'Set-Cookie': ['a=1', 'b=2'] });
        request.on('data', (chunk: Buffer) => reply.write(chunk)).on('end', () => reply.end('!'));
      }),
    );
    const { status, headers, body } = response(
      await client().request(post(`http://${host}/a?b=c`, { headers: { 'x-asked': 'yes' } })),
    );
    expect([status, headers['x-echo'], headers['set-cookie'], body]).toEqual([418, 'yes', 'a=1, b=2', '{"sms":1}!']);
  });

  it('keeps connections and uses no more of them than it may', async () => {
    let connections = 0;
    const server = createServer((request, reply) => void request.resume().on('end', () => reply.end('ok')));
    server.on('connection', () => connections++);
    const host = await listen(server);
    const http = client({ connectionsPerOrigin: 4 });
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 20 }, () => http.request(post(`http://${host}/`))));
    expect(connections).toBeLessThanOrEqual(4);
  });

  it('returns a redirect and does not follow it', async () => {
    const paths: unknown[] = [];
    const host = await listen(
      createServer((request, reply) => {
        paths.push(request.url);
        reply.writeHead(307, { location: '/elsewhere' }).end();
      }),
    );
    const { status, headers } = response(await client().request(post(`http://${host}/here`)));
    expect([status, headers['location'], paths]).toEqual([307, '/elsewhere', ['/here']]);
  });

  it('reads 256 KiB of a huge body and drops the rest', async () => {
    const host = await listen(
      createServer((_, reply) => {
        reply.writeHead(200).write('x'.repeat(1024 * 1024)); // and never ends
      }),
    );
    const { status, body } = response(await client().request(post(`http://${host}/`)));
    expect([status, body.length]).toEqual([200, 256 * 1024]);
  });
});

describe('a call of which nothing left', () => {
  it('a refused port', async () => {
    const server = createServer();
    const host = await listen(server);
    await opened.pop()?.close();
    expect(await client().request(post(`http://${host}/`))).toEqual(failure('before_send', 'ECONNREFUSED'));
  });

  it('a TLS handshake with something that speaks no TLS, or hangs up', async () => {
    const plain = await listen(createTcpServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const rude = await listen(createTcpServer((socket) => void socket.destroy()));
    for (const host of [plain, rude]) {
      expect(await client().request(post(`https://${host}/`))).toEqual(failure('before_send', expect.any(String)));
    }
  });

  it('waited for a free connection until its deadline, and is not written later', async () => {
    const seen: unknown[] = [];
    const host = await listen(
      createServer((request, reply) => {
        seen.push(request.url);
        request.resume();
        setTimeout(() => reply.end('late'), 120);
      }),
    );
    const http = client({ connectionsPerOrigin: 1 });
    const first = http.request(post(`http://${host}/first`));
    const second = await http.request(post(`http://${host}/second`, { timeoutMs: 30 }));
    expect(second).toEqual(failure('before_send', 'DEADLINE_IN_QUEUE'));
    expect(response(await first).body).toBe('late');
    expect(response(await http.request(post(`http://${host}/third`))).status).toBe(200);
    expect(seen).toEqual(['/first', '/third']);
  });

  it('what is no request at all', async () => {
    const http = client();
    for (const url of ['', 'not a url', 'ftp://127.0.0.1/x', 'http://127.0.0.1:99999/', 'file:///etc/passwd']) {
      expect(await http.request(post(url))).toEqual(failure('before_send', expect.any(String)));
    }
    const broken = await http.request(post('http://127.0.0.1:9/', { headers: { 'x-a': 'line\r\nbreak: yes' } }));
    expect(broken).toEqual(failure('before_send', expect.any(String)));
  });

  it('a call after closing', async () => {
    const http = createHttpClient();
    await http.close();
    expect(await http.request(post('http://127.0.0.1:9/'))).toEqual(failure('before_send', 'UND_ERR_CLOSED'));
  });
});

describe('a call that may have been taken', () => {
  it('the connection is reset, before the server read a byte or after it read all, and nothing is written twice', async () => {
    for (const readFirst of [false, true]) {
      let connections = 0;
      const host = await listen(
        createTcpServer((socket) => {
          connections++;
          if (readFirst) socket.once('data', () => void socket.resetAndDestroy());
          else socket.resetAndDestroy();
        }),
      );
      for (const method of ['POST', 'GET'] as const) {
        connections = 0;
        const result = await client().request({ method, url: `http://${host}/`, ...(method === 'POST' && { body: '{}' }) });
        expect(result).toEqual(failure('after_send', expect.any(String)));
        expect(connections).toBe(1);
      }
    }
  });

  it('the server closes in the middle of its answer', async () => {
    const host = await listen(
      createTcpServer(
        (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"id"')),
      ),
    );
    expect(await client().request(post(`http://${host}/`))).toEqual(failure('after_send', expect.any(String)));
  });

  it('no answer, or only the beginning of one, until the deadline', async () => {
    const silent = await listen(createServer(() => undefined));
    const slow = await listen(createServer((_, reply) => void reply.writeHead(200, { 'content-length': '100' }).write('a')));
    for (const host of [silent, slow]) {
      const startedAt = Date.now();
      expect(await client().request(post(`http://${host}/`, { timeoutMs: 80 }))).toEqual(failure('after_send', 'DEADLINE'));
      expect(Date.now() - startedAt).toBeLessThan(1_000);
    }
  });

  it('an answer that is not HTTP', async () => {
    const host = await listen(createTcpServer((socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9\r\n'))));
    expect(await client().request(post(`http://${host}/`))).toEqual(failure('after_send', expect.any(String)));
  });
});

describe('the stage of a failure', () => {
  it.each([
    ['ECONNREFUSED', false, 'before_send'],
    ['ENOTFOUND', false, 'before_send'],
    ['EAI_AGAIN', false, 'before_send'],
    ['UND_ERR_CONNECT_TIMEOUT', false, 'before_send'],
    ['CERT_HAS_EXPIRED', false, 'before_send'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'before_send'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'before_send'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, 'before_send'],
    // An established connection may end with the same codes: the request was started, so it may be gone.
    ['EHOSTUNREACH', true, 'after_send'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true, 'after_send'],
    ['ECONNRESET', true, 'after_send'],
    // Never seen before: not proof of anything.
    ['ECONNRESET', false, 'after_send'],
    ['SOMETHING_NEW', false, 'after_send'],
    ['UNKNOWN', false, 'after_send'],
  ] as const)('%s, request started: %s → %s', (code, started, stage) =>
    expect(stageOf(code, { started, overTls: false })).toBe(stage),
  );

  it('a connection that is cut during the TLS handshake', () => {
    expect(stageOf('ECONNRESET', { started: false, overTls: true })).toBe('before_send');
    expect(stageOf('ECONNRESET', { started: true, overTls: true })).toBe('after_send');
  });

  it('reads a code from whatever was thrown', () => {
    expect([{ code: 'EPIPE' }, new Error('x'), null, 'text', { code: '+919812345678' }].map(codeOf)).toEqual([
      'EPIPE',
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
    ]);
  });
});

describe('a call to an address that somebody typed in', () => {
  const closed = ['10.0.0.1', '172.16.9.9', '192.168.1.1', '127.0.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:169.254.169.254', '::ffff:8.8.8.8', '64:ff9b::a9fe:a9fe', '2002:7f00:1::', '2001:db8::1', 'not an address']; // prettier-ignore
  it.each(closed)('%s is not public', (ip) => expect(isPublicAddress(ip)).toBe(false));
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111'])('%s is public', (ip) =>
    expect(isPublicAddress(ip)).toBe(true),
  );

  it.each([
    'https://2130706433/',
    'https://0x7f.1/',
    'https://127.1/',
    'https://[::ffff:169.254.169.254]/latest/meta-data',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://10.1.2.3/',
    'http://gateway.example/',
    'https://gateway.example:8443/',
    'https://localhost/',
  ])('%s is refused before a byte leaves', async (url) => {
    const http = client({ lookup: (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) });
    expect(await http.request(post(url, { onlyPublic: true }))).toEqual(failure('before_send', 'ADDRESS_NOT_PUBLIC'));
  });

  it('a name is refused when one of its addresses is not public, and asked once for each connection', async () => {
    const asked: string[] = [];
    const answers = [
      [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
      [{ address: '169.254.169.254', family: 4 }],
    ];
    const http = client({
      lookup: (host, _options, found) => {
        asked.push(host);
        found(null, answers[asked.length - 1] ?? []);
      },
    });
    for (const name of ['127.0.0.1.nip.example', 'rebinding.example'])
      expect(await http.request(post(`https://${name}/`, { onlyPublic: true }))).toEqual(
        failure('before_send', 'ADDRESS_NOT_PUBLIC'),
      );
    expect(asked).toEqual(['127.0.0.1.nip.example', 'rebinding.example']);
  });

  it('a connection that was opened without looking is not used for it', async () => {
    const host = await listen(createServer((request, reply) => void request.resume().on('end', () => reply.end('ok'))));
    const http = client();
    expect(response(await http.request(post(`http://${host}/`))).status).toBe(200);
    expect(await http.request(post(`http://${host}/`, { onlyPublic: true }))).toEqual(
      failure('before_send', 'ADDRESS_NOT_PUBLIC'),
    );
  });
});
