import { nameOf, type Preference, type PreferencePage } from '../keep-preferences';
import { type PreferenceWords, wordsIn } from '../rules/preference-words';

/** The page of switches. Plain HTML and a form: works without JavaScript. All words are ours; channels of added providers are letters only. */
export function preferencePage(page: Extract<PreferencePage, { outcome: 'shown' | 'saved' }>): string {
  const { preferences, language } = page;
  const words = wordsIn(language);
  const sections = (['service', 'marketing'] as const).map((purpose) => {
    const [title, text] = words[purpose];
    const rows = preferences
      .filter((one) => one.purpose === purpose)
      .map(
        (one) =>
          `<input type="hidden" name="shown" value="${nameOf(one)}:${one.allowed ? 'on' : 'off'}"><label><input type="checkbox" name="on" value="${nameOf(one)}"${one.allowed ? ' checked' : ''}> ${channelIn(words, one)}</label>`,
      );
    return `<fieldset><legend>${title}</legend><p>${text}</p>${rows.join('')}</fieldset>`;
  });
  const switches =
    preferences.length === 0
      ? `<p>${words.nothing}</p>`
      : `${sections.join('')}<button name="do" value="save">${words.save}</button> `;
  const form = `<form method="post">${switches}<button name="do" value="stop" class="quiet">${words.stopAll}</button></form>`;
  return document(words.title, `${page.outcome === 'saved' ? whatWasSaved(words, page.otherwise) : ''}${form}`, language);
}

/** What the customer chose holds, or not all of it: then what does not, and why. */
function whatWasSaved(words: PreferenceWords, otherwise: readonly Preference[]): string {
  if (otherwise.length === 0) return `<p role="status">${words.saved}</p>`;
  const items = otherwise.map((one) => `<li>${words[one.purpose][0]}: ${channelIn(words, one)}</li>`);
  const reasons = [
    ...(otherwise.some(({ refusal }) => refusal === 'suppressed') ? [words.stopped] : []),
    ...(otherwise.some(({ refusal }) => refusal === 'minor') ? [words.minor] : []),
  ];
  return `<div role="status" class="otherwise"><p>${words.otherwise}</p><ul>${items.join('')}</ul>${reasons.map((one) => `<p>${one}</p>`).join('')}</div>`;
}

function channelIn(words: PreferenceWords, { channel }: Preference): string {
  const names: Readonly<Record<string, string>> = { push: words.push, whatsapp: 'WhatsApp', sms: 'SMS', email: words.email };
  return names[channel] ?? channel;
}

/** A page that only says something. */
export function noticePage(what: 'expired' | 'unknown', language: string): string {
  const [title, text] = wordsIn(language)[what];
  return document(title, `<p>${text}</p>`, language);
}

const document = (title: string, content: string, language: string): string => `<!doctype html>
<html lang="${language}"${language === 'ur' ? ' dir="rtl"' : ''}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${title}</title>
<style>:root{color-scheme:light dark;--ground:#f6f5f1;--text:#222;--card:#fff;--line:#d8d5cc;--act:#1d5c3a;--other:#1d5c3a;--good:#e2f3e2;--mind:#fdf0d0}@media(prefers-color-scheme:dark){:root{--ground:#16191c;--text:#e9eaec;--card:#202428;--line:#3a4046;--act:#1f7a4a;--other:#7fd1a5;--good:#173d29;--mind:#4a3a10}}body{font:18px/1.5 system-ui,sans-serif;margin:0;background:var(--ground);color:var(--text)}main{max-width:30rem;margin:0 auto;padding:1.5rem;overflow-wrap:anywhere}h1{font-size:1.5rem}fieldset{border:1px solid var(--line);border-radius:.5rem;background:var(--card);margin:0 0 1rem;padding:.75rem 1rem;min-width:0}legend{float:inline-start;width:100%;padding:0;font-weight:600}fieldset p{clear:both;margin:0 0 .5rem}label{display:flex;align-items:center;gap:.6rem;padding:.5rem 0}input{flex:none;width:1.3rem;height:1.3rem;margin:0;accent-color:var(--act)}button{display:block;width:100%;margin:.75rem 0;padding:.9rem;font:inherit;border:1px solid var(--act);border-radius:.5rem;background:var(--act);color:#fff;cursor:pointer}.quiet{background:none;color:var(--other);border-color:var(--other)}[role=status]{background:var(--good);border-radius:.5rem;padding:.75rem 1rem}.otherwise{background:var(--mind);margin:0 0 1rem}.otherwise p{margin:0}.otherwise ul{margin:.4rem 0;padding-inline-start:1.3rem}</style></head>
<body><main><h1>${title}</h1>${content}</main></body></html>
`;
