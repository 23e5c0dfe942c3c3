import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'undici';

/** What a page is looked at with. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly isPhone?: boolean;
  readonly isDark?: boolean;
}

export const PHONE_SCREEN: Screen = { width: 360, height: 780, isPhone: true };
export const DESKTOP_SCREEN: Screen = { width: 1280, height: 900 };

/** How Chromium is called here and there. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PATIENCE_MS = 30_000;
const CLOSES_WITHIN_MS = 5_000;
/** Pages may reach this machine and nothing else. */
const FLAGS = [
  '--headless=new',
  // The pages are our own, and as root Chromium refuses to start otherwise.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--no-first-run',
  '--hide-scrollbars',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--remote-debugging-port=0',
];

/**
 * Whether there is a Chromium to look at pages with (TEST_BROWSER, or one of the usual names on the PATH): it chooses between `test`
 * and `test.skip`. When there is none it says so in one line, and with WAPAS_TEST_NOTHING_SKIPPED=1 it fails.
 */
export function browserIsAvailable(): boolean {
  if (binary() !== undefined) return true;
  if (process.env.WAPAS_TEST_NOTHING_SKIPPED === '1') throw new Error(LEFT_OUT);
  process.stderr.write(`\n${LEFT_OUT}\n`);
  return false;
}

const LEFT_OUT =
  'Looking at pages in a browser is LEFT OUT: no Chromium found. To include it: apt-get install chromium, or set TEST_BROWSER to its path.';

function binary(): string | undefined {
  const given = process.env.TEST_BROWSER;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = given ? [given] : folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not ours to run: the next one is tried.
  }
}

interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/**
 * A real browser with one page, driven over its DevTools protocol. With TEST_PICTURES=folder every `picture` is written there, for people.
 */
export class BrowserForTests {
  private readonly answers = new Map<number, (told: Told) => void>();
  private loads = 0;
  private asked = 0;
  private said: string[] = [];
  private readonly endWithUs = (): void => void this.program.kill('SIGKILL');

  private constructor(
    private readonly program: ChildProcess,
    private readonly profile: string,
    private readonly line: WebSocket,
  ) {
    process.once('exit', this.endWithUs);
    line.addEventListener('close', () => {
      for (const answer of this.answers.values()) answer({ error: { message: 'the browser is gone' } });
      this.answers.clear();
    });
    line.addEventListener('message', ({ data }) => this.hear(JSON.parse(String(data)) as Told));
  }

  static async start(): Promise<BrowserForTests> {
    const profile = mkdtempSync(join(tmpdir(), 'wapas-browser-'));
    const child = spawn(binary() as string, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' });
    const line = new WebSocket(await addressOfPage(profile));
    await new Promise((resolve, reject) => {
      line.addEventListener('open', resolve);
      line.addEventListener('error', () => reject(new Error('The browser does not let us in.')));
    });
    const browser = new BrowserForTests(child, profile, line);
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.ask(`${domain}.enable`);
    return browser;
  }

  /** Opens an address as somebody with this screen and resolves when it is loaded, whatever its status. */
  async open(url: string, { width, height, isPhone = false, isDark = false }: Screen, userAgent?: string): Promise<void> {
    await this.ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: isPhone });
    if (userAgent !== undefined) await this.ask('Emulation.setUserAgentOverride', { userAgent });
    const scheme = { name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' };
    await this.ask('Emulation.setEmulatedMedia', { features: [scheme] });
    this.said = [];
    await this.thenLoaded(() => this.ask('Page.navigate', { url }));
  }

  /** Clicks with the mouse in the middle of what a selector finds, and resolves when the page that follows is loaded. */
  async press(selector: string): Promise<void> {
    const found = `document.querySelector(${JSON.stringify(selector)})`;
    const at = await this.read<{ x: number; y: number } | null>(
      `(() => { const it = ${found}; if (!it) return null; it.scrollIntoView({ block: 'center' });
        const box = it.getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })()`,
    );
    if (at === null) throw new Error(`There is no ${selector} on ${await this.read<string>('location.href')}.`);
    await this.thenLoaded(async () => {
      for (const type of ['mousePressed', 'mouseReleased'])
        await this.ask('Input.dispatchMouseEvent', { type, ...at, button: 'left', clickCount: 1 });
    });
  }

  /** The value of an expression on the page. */
  async read<T>(expression: string): Promise<T> {
    const answer = await this.ask('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    return (answer as { result: { value: T } }).result.value;
  }

  /** Resolves when an expression on the page holds. */
  async until(expression: string): Promise<void> {
    await waitFor(() => this.read<boolean>(`Boolean(${expression})`), `"${expression}"`);
  }

  /** What the browser complains of since the page was opened: errors of scripts, what the page's own policy forbids, what does not load. */
  complaints(): readonly string[] {
    return this.said;
  }

  async picture(name: string): Promise<void> {
    const folder = process.env.TEST_PICTURES;
    if (folder === undefined || folder === '') return;
    const taken = (await this.ask('Page.captureScreenshot', { format: 'png' })) as { data: string };
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.png`), Buffer.from(taken.data, 'base64'));
  }

  async close(): Promise<void> {
    const { exitCode, signalCode } = this.program;
    const ended = exitCode === null && signalCode === null ? once(this.program, 'exit') : undefined;
    // It may be gone before it has answered.
    void this.ask('Browser.close').catch(() => undefined);
    const insist = setTimeout(this.endWithUs, CLOSES_WITHIN_MS);
    await ended;
    clearTimeout(insist);
    process.off('exit', this.endWithUs);
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private async thenLoaded(act: () => Promise<unknown>): Promise<void> {
    const before = this.loads;
    await act();
    await waitFor(() => Promise.resolve(this.loads > before), 'a page to load');
  }

  private ask(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.answers.set(id, ({ result, error }) => (error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result)));
      this.line.send(JSON.stringify({ id, method, params }));
    });
  }

  private hear(told: Told): void {
    if (told.id !== undefined) {
      this.answers.get(told.id)?.(told);
      this.answers.delete(told.id);
    } else if (told.method === 'Page.loadEventFired') this.loads += 1;
    else if (told.method === 'Log.entryAdded') {
      const { level, text, url = '' } = told.params?.entry as { level: string; text: string; url?: string };
      if (level === 'error' || level === 'warning') this.said.push(`${text} ${url}`.trim());
    } else if (told.method === 'Runtime.exceptionThrown') {
      const { text, exception } = told.params?.exceptionDetails as { text: string; exception?: { description?: string } };
      this.said.push(exception?.description ?? text);
    }
  }
}

async function addressOfPage(profile: string): Promise<string> {
  const file = join(profile, 'DevToolsActivePort');
  let port = '';
  await waitFor(() => Promise.resolve((port = firstLineOf(file)) !== ''), 'the browser to start');
  const pages = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { type: string; webSocketDebuggerUrl: string }[];
  const page = pages.find(({ type }) => type === 'page');
  if (!page) throw new Error('The browser has no page.');
  return page.webSocketDebuggerUrl;
}

function firstLineOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n')[0] ?? '';
  } catch {
    return ''; // Not written yet.
  }
}

async function waitFor(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(10)) if (await condition()) return;
  throw new Error(`Waited in vain for ${what}.`);
}
