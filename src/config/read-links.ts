import { type Mode, type SettingReader } from './setting-reader';

/** What short links look like and where they may lead. */
export interface LinkSettings {
  /** The registered alphabetic header that stands in every short link: `https://host/HEADER/token` (rule 8). */
  readonly header: string;
  /** Where a customer finishes an order; `{order_id}` is replaced. */
  readonly payUrl?: string;
  /** Hosts a link may lead to, exact. */
  readonly hosts: readonly string[];
  /** Short links begin with it, without a trailing slash: the public address unless a shorter one is set. */
  readonly url: string;
}

/** DLT lets an SMS variable carry 40 characters; the token is 11 of them. */
const LONGEST_LINK = 40;
const TOKEN_LENGTH = 11;

export function readLinks(reader: SettingReader, mode: Mode, publicUrl: string): LinkSettings {
  const header = reader.text('WAPAS_LINK_HEADER') ?? 'WAPAS';
  if (!/^[A-Za-z]{3,6}$/.test(header))
    reader.problem('WAPAS_LINK_HEADER must be the 3 to 6 letters of your registered SMS header.');
  const payUrl = reader.text('WAPAS_PAY_URL');
  const hosts = new Set(reader.hosts('WAPAS_LINK_HOSTS'));
  if (payUrl) {
    const example = payUrl.replaceAll('{order_id}', 'x');
    const parsed = URL.canParse(example) ? new URL(example) : undefined;
    if (!parsed || (mode === 'production' && parsed.protocol !== 'https:'))
      reader.problem('WAPAS_PAY_URL must be an https address, with {order_id} where the order goes.');
    else hosts.add(parsed.host);
    const unknown = /\{(?!order_id\})[^{}]*\}/.exec(payUrl)?.[0];
    if (unknown !== undefined) reader.problem(`WAPAS_PAY_URL holds ${unknown}: {order_id} is what an order's id is put in for.`);
  }
  const url = reader.text('WAPAS_LINK_URL') === undefined ? publicUrl : reader.url('WAPAS_LINK_URL', undefined, mode);
  const length = url.length + header.length + 2 + TOKEN_LENGTH;
  if (mode === 'production' && length > LONGEST_LINK)
    reader.problem(
      `Short links would be ${length} characters long; an SMS variable takes ${LONGEST_LINK}. Set WAPAS_LINK_URL to a shorter address of the same server.`,
    );
  return { header, payUrl, hosts: [...hosts], url };
}
